"""What will happen in a round by the clock alone: the house's own clockwork, run ahead on a copy that is thrown away."""

from flows.rehearsal.future import Future, future_chart, programme_future, round_future
from flows.rehearsal.ticking import coming_ticks, rehearsed_board

__all__ = ["Future", "coming_ticks", "future_chart", "programme_future", "rehearsed_board", "round_future"]
