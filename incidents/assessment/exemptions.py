"""The grounds on which people need not be written to one by one (Art. 34(3) GDPR), proposed where facts carry them.

They lift letters to people only, never the notification of the authority (Art. 33 GDPR).
"""

from __future__ import annotations

from collections.abc import Mapping

from incidents.assessment.harms import disclosure
from incidents.assessment.predicates import is_unintelligible, is_yes
from incidents.assessment.risk import Reason, Risk, reason_for
from incidents.facts.breach import Facts
from incidents.facts.data_set import DataSet, Protection

UNINTELLIGIBLE, AVERTED, DISPROPORTIONATE = "34-3-a", "34-3-b", "34-3-c"


def exception(facts: Facts, risks: Mapping[str, Risk]) -> tuple[str | None, tuple[Reason, ...]]:
    """Propose the first ground that the facts carry, and say why it or another does not hold.

    *risks* gives the risk of each data set by name; only those for which we are controller count.
    """
    # Only where the duty of Art. 34(1) arises at all is there something to except.
    high = tuple(data_set for data_set in facts.as_controller if risks[data_set.name] is Risk.HIGH)
    if not high:
        return _unintelligible_without_high_risk(facts)
    refused: tuple[Reason, ...] = ()
    if facts.high_risk_averted_by:
        # Art. 34(3)(b) asks that the high risk is no longer likely: what already happened to people was not averted.
        seen = [data_set.name for data_set in high if data_set.consequences_seen or is_yes(data_set.published)]
        if not seen:
            return AVERTED, (reason_for("high_risk_averted", text=facts.high_risk_averted_by),)
        refused = (reason_for("high_risk_not_averted", sets=tuple(seen)),)
    if facts.direct_contact_disproportionate:
        # The last of the three: it does not end the duty but changes its form (a public communication).
        reason = reason_for("direct_contact_disproportionate", text=facts.direct_contact_disproportionate)
        return DISPROPORTIONATE, (*refused, reason)
    return None, refused


def _unintelligible_without_high_risk(facts: Facts) -> tuple[str | None, tuple[Reason, ...]]:
    """Name Art. 34(3)(a) where encryption alone keeps the risk from being high."""
    # Asked only where there is no high risk: encryption that held has kept the risk down already, so (a) explains and
    # lifts nothing.
    carried = [data_set.name for data_set in facts.as_controller if _only_encryption_helps(facts, data_set)]
    if not carried:
        return None, ()
    return UNINTELLIGIBLE, (reason_for("unintelligible", sets=tuple(carried)),)


def _only_encryption_helps(facts: Facts, data_set: DataSet) -> bool:
    if not is_unintelligible(facts, data_set):
        return False
    # The same breach without its protection, which is then *unknown*: what it would have been shows what encryption
    # did.
    bare = data_set.model_copy(update={"protection": Protection()})
    return disclosure(facts, bare).risk is Risk.HIGH
