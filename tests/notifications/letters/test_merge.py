"""A person's words over a fresh composition: joined where only one side changed, a conflict where both did."""

from __future__ import annotations

import pytest

from notifications.letters.merge import BEGINNING, WHOLE, merge

BASE = "From: us\nDate: Monday\n\nPeople\n------\n\nNumber: 1,200\nGroups: merchants\n\nThe team\n"


def said(*changes: tuple[str, str]) -> str:
    text = BASE
    for before, after in changes:
        text = text.replace(before, after)
    return text


NUMBER = ("Number: 1,200", "Number: 91,200")
GUESS = ("Number: 1,200", "Number: about 1,200")
TEAM = ("The team", "The team, Room 5")
DATE = ("Date: Monday", "Date: Tuesday")
SENDER = ("From: us", "From: us, legal")
MORE = ("Groups: merchants", "Groups: merchants\nAnd their staff")


@pytest.mark.parametrize(
    ("yours", "fresh", "merged"),
    [
        ((), (), ()),
        ((TEAM,), (), (TEAM,)),
        ((), (NUMBER,), (NUMBER,)),
        ((TEAM,), (NUMBER,), (TEAM, NUMBER)),
        # Lines that touch, each changed by one side, are no conflict: a header holds the date of the day.
        ((SENDER,), (DATE,), (SENDER, DATE)),
        ((MORE,), (DATE, NUMBER), (MORE, DATE, NUMBER)),
        ((NUMBER,), (NUMBER,), (NUMBER,)),
    ],
)
def test_what_only_one_side_changed_is_joined(yours, fresh, merged):
    made = merge(BASE, said(*yours), said(*fresh))
    assert made.conflicts == ()
    assert (made.text, made.base) == (said(*merged), said(*fresh))


def test_where_both_changed_the_persons_words_stay_and_the_place_is_named():
    made = merge(BASE, said(GUESS, TEAM), said(NUMBER, DATE))
    assert made.text == said(GUESS, TEAM, DATE)
    (conflict,) = made.conflicts
    assert (conflict.section, conflict.yours, conflict.fresh) == ("People", GUESS[1], NUMBER[1])


def test_a_conflict_stays_one_until_it_is_settled():
    first = merge(BASE, said(GUESS), said(NUMBER))
    again = merge(first.base, first.text, said(NUMBER, DATE))
    assert [conflict.section for conflict in again.conflicts] == ["People"]
    assert again.text == said(GUESS, DATE)


def test_what_stands_before_the_first_heading_is_the_beginning():
    made = merge(BASE, said(("Date: Monday", "Date: 1 May")), said(DATE))
    assert [conflict.section for conflict in made.conflicts] == [BEGINNING]


def test_without_what_it_was_made_from_a_text_is_in_conflict_as_a_whole_unless_it_says_the_same():
    assert merge(None, BASE, BASE).conflicts == ()
    made = merge(None, said(TEAM), BASE)
    assert (made.text, made.base) == (said(TEAM), None)
    assert [conflict.section for conflict in made.conflicts] == [WHOLE]
