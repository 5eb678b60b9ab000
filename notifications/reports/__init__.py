"""The papers of a case: the post-incident report and the register. Start reading in rendering.py."""

from notifications.reports.words import MissingWords
from notifications.reports.writer import REGISTER_FORMATS, REPORT_FORMATS, Papers, PdfNotWritten, UnknownFormat

__all__ = ["REGISTER_FORMATS", "REPORT_FORMATS", "MissingWords", "Papers", "PdfNotWritten", "UnknownFormat"]
