"""Reports of measurements: one document, written as Markdown, as self-contained HTML, as CSV and as JSON.

:mod:`.interval` tells how sure a mean is, :mod:`.draw` makes the pictures, :mod:`.document` holds text, tables and
pictures in order, :mod:`.write` turns them into files.
"""

from tools.kit.report.document import Cell, Document, Figure, Table, Undrawn, figure, shown
from tools.kit.report.interval import Interval, mean_interval
from tools.kit.report.write import write_csv, write_html, write_json, write_markdown

__all__ = [
    "Cell",
    "Document",
    "Figure",
    "Interval",
    "Table",
    "Undrawn",
    "figure",
    "mean_interval",
    "shown",
    "write_csv",
    "write_html",
    "write_json",
    "write_markdown",
]
