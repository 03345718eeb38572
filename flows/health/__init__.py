"""Whether a house on this machine is well, and what to do where it is not. Looking changes nothing."""

from flows.health.checks import Check, Level
from flows.health.checkup import check_up

__all__ = ["Check", "Level", "check_up"]
