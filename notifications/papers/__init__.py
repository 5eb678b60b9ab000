"""The papers of a case: the post-incident report and the register. Start reading in rendering.py."""

from notifications.papers.rendering import REGISTER_FORMATS, REPORT_FORMATS, Papers, PdfNotWritten, UnknownFormat
from notifications.papers.wording import MissingWords

__all__ = ["REGISTER_FORMATS", "REPORT_FORMATS", "MissingWords", "Papers", "PdfNotWritten", "UnknownFormat"]
