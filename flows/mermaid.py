"""Mermaid diagrams as the dashboard shows them: in a dark box, on a light page and on a dark one alike."""

import json

_LIGHT = "#f1f5f9"
_DARK = "#0f172a"
_BOX = "#1e293b"
_LINE = "#cbd5e1"
_BAND = "#475569"
_PIE = (
    "#93c5fd",
    "#86efac",
    "#fca5a5",
    "#fde68a",
    "#d8b4fe",
    "#fdba74",
    "#67e8f9",
    "#d9f99d",
    "#f9a8d4",
    "#a5b4fc",
    "#fcd34d",
    "#cbd5e1",
)

# Without these the dashboard writes titles, axes and legends dark on dark.
_VARIABLES = {
    "darkMode": True,
    "background": _BOX,
    "textColor": _LIGHT,
    "titleColor": _LIGHT,
    "primaryColor": "#dbeafe",
    "primaryTextColor": _DARK,
    "primaryBorderColor": "#60a5fa",
    "lineColor": _LINE,
    "mainBkg": "#dbeafe",
    "nodeBorder": "#60a5fa",
    "transitionColor": _LINE,
    "transitionLabelColor": _LIGHT,
    "specialStateColor": _LINE,
    "edgeLabelBackground": _BOX,
    "labelBackgroundColor": _BOX,
    "sectionBkgColor": _BAND,
    "altSectionBkgColor": _BOX,
    "sectionBkgColor2": _BAND,
    "gridColor": "#94a3b8",
    "taskBkgColor": "#93c5fd",
    "taskBorderColor": "#3b82f6",
    "taskTextColor": _DARK,
    "taskTextDarkColor": _LIGHT,
    "taskTextLightColor": _DARK,
    "taskTextOutsideColor": _LIGHT,
    "activeTaskBkgColor": "#b45309",
    "activeTaskBorderColor": "#f59e0b",
    "doneTaskBkgColor": "#475569",
    "doneTaskBorderColor": "#94a3b8",
    "critBkgColor": "#fca5a5",
    "critBorderColor": "#ef4444",
    "todayLineColor": "#f87171",
    **{f"pie{number}": colour for number, colour in enumerate(_PIE, start=1)},
    "pieTitleTextColor": _LIGHT,
    "pieSectionTextColor": _DARK,
    "pieLegendTextColor": _LIGHT,
    "pieStrokeColor": _BOX,
    "pieOuterStrokeColor": "#94a3b8",
    "pieOpacity": "1",
}

# A Gantt chart is laid out 1200 wide and then shrunk to the page's 660: its letters would be 5 px high.
_GANTT = {"useWidth": 680, "fontSize": 13, "sectionFontSize": 13, "barHeight": 24, "barGap": 6, "topPadding": 50, "leftPadding": 80}

THEME = f"%%{{init: {json.dumps({'theme': 'base', 'themeVariables': _VARIABLES, 'gantt': _GANTT})}}}%%"


def fenced(diagram: str) -> str:
    """A diagram as a Markdown block with readable colours. ``diagram`` is Mermaid, without a fence."""
    return f"```mermaid\n{THEME}\n{diagram.strip()}\n```\n"
