"""The filing pack: what an authority's form asks, answered from the record. Start reading in pack.py."""

from notifications.filing_pack.editions import PACK_FORMATS, UnknownPackFormat, write_pack
from notifications.filing_pack.filling import fill
from notifications.filing_pack.national import FormError, UnknownForm, read_form
from notifications.filing_pack.pack import FilingPack, Filled, Phase
from notifications.filing_pack.template import TemplateError, read_template

__all__ = [
    "PACK_FORMATS",
    "FilingPack",
    "Filled",
    "FormError",
    "Phase",
    "TemplateError",
    "UnknownForm",
    "UnknownPackFormat",
    "fill",
    "read_form",
    "read_template",
    "write_pack",
]
