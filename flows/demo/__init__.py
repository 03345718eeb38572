"""The demo round: the real programme with dates around today, made-up candidates, a database of its own."""

from flows.demo.databases import demo_settings, refuse_real_rounds
from flows.demo.opening import open_demo, stage_demo

__all__ = ["demo_settings", "open_demo", "refuse_real_rounds", "stage_demo"]
