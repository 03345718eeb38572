"""Workbooks in and out: read what offices send, give back what must be mended, write what they fill in."""

from flows.workbooks.annotate import annotate, returned_name
from flows.workbooks.kinds import KINDS, workbook_of
from flows.workbooks.naming import near_workbooks, workbook_named
from flows.workbooks.nominations import differing_headers
from flows.workbooks.reader import read
from flows.workbooks.sheets import CellProblem, Reading, ReadRow, SkippedRow, Workbook, WorkbookRefused
from flows.workbooks.template import filled, write_rows, write_template

__all__ = [
    "KINDS",
    "CellProblem",
    "ReadRow",
    "Reading",
    "SkippedRow",
    "Workbook",
    "WorkbookRefused",
    "annotate",
    "differing_headers",
    "filled",
    "near_workbooks",
    "read",
    "returned_name",
    "workbook_named",
    "workbook_of",
    "write_rows",
    "write_template",
]
