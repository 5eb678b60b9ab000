"""Where a duty's reminder ladder comes from: organisation.yaml, the law file, config/reminders.yaml."""

from __future__ import annotations

import pytest

from config.organisation import OrganisationError, OwnReminders, read_organisation
from config.reminders import RemindersError, read_reminders
from config.settings import example_organisation, regimes_folder, reminders_file
from flows.reference import regime_files
from flows.reference.reminder_ladders import ladders_of, shipped_ladders
from incidents.kernel.ladder_hours import LadderHours
from incidents.kernel.yaml_documents import read_yaml
from incidents.law.ladder_choice import LadderName, LadderSource, schedule
from incidents.law.reading import read_regime

OURS = LadderHours(warn_before=10, before=(10, 5), after=(2,), then_every=12)
THEIRS = LadderHours(warn_before=36, before=(36, 2), after=(3,), then_every=8)
THEIRS_TEXT = "ladder_hours: {warn_before: 36, before: [36, 2], after: [3], then_every: 8}\n"
STANDARD = schedule(LadderHours(warn_before=24, before=(48, 24, 12, 6, 3, 1), after=(1, 6, 12, 24), then_every=24))
LONG = schedule(LadderHours(warn_before=72, before=(168, 72, 24, 6, 1), after=(1, 24), then_every=24))


def law(name: str, ladders=None, *, own: str = ""):
    text = (regimes_folder() / f"{name}.yaml").read_text(encoding="utf-8").replace("\nduties:\n", f"\n{own}duties:\n")
    return read_regime(read_yaml(text, f"{name}.yaml"), ladders or shipped_ladders())


LONG_BEFORE = {
    "au-apra-cps234": "authority-weakness",
    "au-ndb": "assessment",
    "br-lgpd": "authority-initial people authority-follow-up",
    "ch-isa": "authority-final",
    "cn-incident-measures": "authority-final",
    "eg-pdpl": "people",
    "eu-cer": "authority-final",
    "eu-cra": "authority-final-vulnerability authority-final-incident",
    "eu-dora": "authority-final",
    "eu-nis2": "authority-final",
    "eu-telecom-611": "authority-follow-up",
    "jp-appi": "authority-initial authority-final authority-final-wrongful-purpose controller",
    "my-pdpa": "people authority-follow-up",
    "ph-dpa": "authority-final",
    "sg-pdpa": "assessment authority-initial",
    "us-ca": "people authority-initial",
    "us-co": "people authority-initial",
    "us-fl": "people authority-initial controller",
    "us-ftc-hbnr": "people authority-initial",
    "us-ftc-safeguards": "authority-initial",
    "us-hipaa": "people authority-initial authority-annual media controller",
    "us-ny": "people authority-initial",
    "us-ny-dfs": "ransom-payment-explanation",
    "us-sec-8k": "authority-initial authority-follow-up",
    "us-tx": "people authority-initial",
}
"""The duties that wrote the long ladder down while each law file held its own copy; all others had the standard one."""


def test_every_duty_shipped_has_the_very_ladder_it_had_when_its_law_file_held_a_copy():
    duties = {(regime.id, duty.id): duty for regime in regime_files.read_all() for duty in regime.duties}
    long = {(law_id, duty_id) for law_id, written in LONG_BEFORE.items() for duty_id in written.split()}
    assert (len(duties), len(long)) == (153, 45)
    assert {key: duty.ladder for key, duty in duties.items()} == {
        key: LONG if key in long else STANDARD for key in duties
    }
    assert {duty.ladder_source for duty in duties.values()} == {LadderSource.DEFAULT}


def test_the_shipped_file_holds_the_two_ladders():
    assert shipped_ladders().defaults == {LadderName.STANDARD: STANDARD, LadderName.LONG: LONG}


@pytest.mark.parametrize(
    ("own", "ours", "expected", "source"),
    [
        ("", None, STANDARD, LadderSource.DEFAULT),
        (THEIRS_TEXT, None, schedule(THEIRS), LadderSource.LAW_FILE),
        ("", OURS, schedule(OURS), LadderSource.ORGANISATION),
        (THEIRS_TEXT, OURS, schedule(OURS), LadderSource.ORGANISATION),
    ],
)
def test_the_organisation_goes_before_the_law_file_and_the_law_file_before_the_default(own, ours, expected, source):
    duty = law("eu-gdpr", ladders_of(OwnReminders(standard=ours)), own=own).duty("authority-initial")
    assert (duty.ladder, duty.ladder_source) == (expected, source)


@pytest.mark.parametrize("reminders", [OwnReminders(), OwnReminders(standard=OURS)])
def test_a_duty_that_asks_for_the_long_ladder_gets_it_whatever_the_standard_is(reminders):
    duties = law("us-hipaa", ladders_of(reminders), own=THEIRS_TEXT).duties
    assert [duty.ladder for duty in duties if duty.ladder == LONG] == [LONG] * 5


def test_the_organisation_may_have_a_long_ladder_of_its_own():
    duties = law("us-hipaa", ladders_of(OwnReminders(long=OURS))).duties
    assert [duty.ladder_source for duty in duties if duty.ladder == schedule(OURS)] == [LadderSource.ORGANISATION] * 5


def test_a_law_file_of_the_home_folder_that_writes_its_ladder_as_before_still_works(tmp_path):
    before = "ladder_hours:\n  warn_before: 36\n  before: [36, 2]\n  after: [3]\n  then_every: 8\n\n"
    text = (regimes_folder() / "eu-gdpr.yaml").read_text(encoding="utf-8")
    (tmp_path / "regimes").mkdir()
    path = tmp_path / "regimes" / "eu-gdpr.yaml"
    path.write_text(text.replace("\nduties:\n", f"\n{before}duties:\n"), encoding="utf-8")
    assert regime_files.check(path).problems == ()
    assert {duty.ladder for duty in regime_files.read("eu-gdpr", tmp_path).duties} == {schedule(THEIRS)}


SHIPPED = reminders_file().read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("standard:", "usual:", "reminders.yaml line 8: unknown key `usual`"),
        ("long:", "# long:", "reminders.yaml line"),
        ("before: [48, 24, 12, 6, 3, 1]", "before: [1, 48]", "reminders.yaml line 8: `standard`: write the steps"),
        ("before: [48, 24, 12, 6, 3, 1]", "before: [48, 48]", "line 8: `standard`: the same step stands twice"),
        ("then_every: 24", "then_every: 0", "reminders.yaml line 12: `standard.then_every`"),
        ("warn_before: 24", "warn_before: soon", "reminders.yaml line 9: `standard.warn_before`"),
    ],
)
def test_a_wrong_default_is_refused_with_file_line_and_key(right, wrong, says):
    with pytest.raises(RemindersError) as refused:
        read_reminders(SHIPPED.replace(right, wrong, 1), "reminders.yaml")
    assert says in str(refused.value)


def test_a_wrong_ladder_of_the_organisation_is_refused_with_file_line_and_key():
    text = example_organisation().read_text(encoding="utf-8")
    wrong = f"{text}\nreminders:\n  standard: {{warn_before: 24, before: [1, 48], after: [1], then_every: 24}}\n"
    line = wrong[: wrong.index("  standard: {warn_before: 24, before: [1, 48]")].count("\n") + 1
    with pytest.raises(OrganisationError, match=f"ours.yaml line {line}: `reminders.standard`: write the steps"):
        read_organisation(wrong, "ours.yaml")
