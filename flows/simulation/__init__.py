"""A whole round on a virtual clock: the very same commands, tick and messages, in a throw-away house."""

from flows.simulation.run import simulate

__all__ = ["simulate"]
