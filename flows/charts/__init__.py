"""Pictures of time: a Gantt chart of stages, work, reminders and escalations as an SVG or PNG file."""

from flows.charts.gantt import Bar, Chart, Row, Tick, gantt_picture, picture_form
from flows.charts.rows import chart_rows

__all__ = ["Bar", "Chart", "Row", "Tick", "chart_rows", "gantt_picture", "picture_form"]
