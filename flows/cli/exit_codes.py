"""Exit codes, and the one table that says which failure ends with which.

Knows failures by their full name, so that translating one imports nothing; refuses to know how they come about.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Exit(IntEnum):
    """What a command says to the shell that started it."""

    OK = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    """The state of the record does not allow it; the message says which step is missing."""
    PERMISSION = 4
    NOT_FOUND = 5
    CHANGED_MEANWHILE = 6
    DUE_SOON = 8
    OVERDUE = 9
    CHAIN_BROKEN = 10
    INTERRUPTED = 130


_USAGE: Final = (
    "incidents.casework.base.desk.NotUnderstoodError",
    "incidents.deadlines.computation.MissingEvent",
    "incidents.kernel.yaml_documents.DocumentError",
    "incidents.evidence.files.EvidenceRefusedError",
    "incidents.facts.breach.ScopeFileError",
    "incidents.access.people.PersonRefusedError",
    "incidents.law.periods.UnsupportedPeriod",
    "incidents.intake.alerts.AlertRefusedError",
    "config.authorities.AuthoritiesError",
    "config.inventory.InventoryError",
    "config.organisation.OrganisationError",
    "config.settings.SettingsError",
    "notifications.filing_pack.editions.write.UnknownPackFormat",
    "notifications.reports.writer.UnknownFormat",
    "flows.reference.public_holidays.UnknownPlaceError",
    "flows.cli.app.BrokenTextError",
    "flows.cli.time_parsing.TimeNotUnderstoodError",
    "flows.cli.files.FileNotUsableError",
)
_REFUSED: Final = (
    "incidents.casework.base.desk.RefusedError",
    "incidents.case.lifecycle.RefusedMove",
    "incidents.access.people.NameTakenError",
)
_PERMISSION: Final = ("incidents.access.people.PermissionRefusedError", "incidents.access.people.UnknownTokenError")
_NOT_FOUND: Final = (
    "incidents.casework.base.desk.NotFoundError",
    "incidents.access.people.UnknownPersonError",
    "incidents.law.model.UnknownDuty",
    "notifications.filing_pack.national_forms.UnknownForm",
    "flows.reference.authority_directory.UnknownAuthorityError",
    "flows.exercises.drill.UnknownScenarioError",
    "flows.reference.regime_files.UnknownRegimeError",
    "config.inventory.UnknownDataError",
)
_FAILED: Final = (
    "incidents.storage.database.StoreUnreachableError",
    "incidents.storage.database.SchemaMismatchError",
    "incidents.storage.encryption.MasterKeyError",
    "incidents.storage.encryption.SealBrokenError",
    "incidents.law.reading.RegimeError",
    "notifications.filing_pack.national_forms.FormError",
    "notifications.filing_pack.form_template.TemplateError",
    "notifications.reports.writer.PdfNotWritten",
    "notifications.reports.words.MissingWords",
    "notifications.delivery.channel.SendError",
    "flows.cli.files.FileNotWrittenError",
    "flows.cli.output.AnswerNotWrittenError",
    "flows.service.AddressTakenError",
    "flows.runtime.prefect_server.ServerStartError",
)

TABLE: Final[dict[str, Exit]] = {
    **dict.fromkeys(_USAGE, Exit.USAGE),
    **dict.fromkeys(_REFUSED, Exit.REFUSED),
    **dict.fromkeys(_PERMISSION, Exit.PERMISSION),
    **dict.fromkeys(_NOT_FOUND, Exit.NOT_FOUND),
    "incidents.storage.database.ChangedMeanwhileError": Exit.CHANGED_MEANWHILE,
    **dict.fromkeys(_FAILED, Exit.FAILED),
}
"""Each failure that a command expects, by module and name, with its exit code. The rest are mistakes of ours."""


def exit_for(error: BaseException) -> Exit | None:
    """Find the exit code of a failure or of what it is a kind of; ``None`` for one that nobody expected."""
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    return next((TABLE[name] for name in names if name in TABLE), None)
