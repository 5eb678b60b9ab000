"""The filing pack: what an authority's form asks, answered from the record. Start reading in pack.py."""

from notifications.filing_pack.editions.write import PACK_FORMATS, UnknownPackFormat, write_pack
from notifications.filing_pack.fill import fill
from notifications.filing_pack.form_template import TemplateError, read_template
from notifications.filing_pack.national_forms import FormError, UnknownForm, read_form
from notifications.filing_pack.pack import FilingPack, Filled, Phase

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
