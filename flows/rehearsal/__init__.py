"""What will happen in a round by the clock alone: the house's own clockwork, run ahead on a copy that is thrown away."""

from flows.rehearsal.future import round_future

__all__ = ["round_future"]
