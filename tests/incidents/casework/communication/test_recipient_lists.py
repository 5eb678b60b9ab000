"""Lists of affected people and merchants: bad rows named, good ones kept, nobody twice, no address in the clear."""

import pytest

from incidents.casework.communication.recipient_lists import import_merchants, import_people, write_refused
from incidents.kernel.errors import InvalidInputError, NotFoundError, PermissionDeniedError, RefusedError
from incidents.storage.database import Store
from incidents.storage.tables.case import AuditEntry
from incidents.storage.tables.communication import AffectedPerson, MerchantRow
from tests.builders.casework import (
    AUDITOR,
    RESPONDER,
    aware,
    everything,
    nothing_written,
    opened,
    rows_of,
)


@pytest.fixture
def case(ctx, now):
    return aware(ctx, now)


def people(ctx, now, case, text, *, actor=RESPONDER):
    return import_people(ctx, actor, now, case, text if isinstance(text, bytes) else text.encode())


def merchants(ctx, now, case, *rows, header="merchant_id,name,email,language,people,records,kinds,contract_hours"):
    return import_merchants(ctx, RESPONDER, now, case, "\n".join((header, *rows)).encode())


def addresses(ctx, case, kind=AffectedPerson):
    return [ctx.vault.decrypt(case, row.sealed) for row in rows_of(ctx, kind)]


def test_a_bad_row_is_named_with_its_line_and_reason_and_the_good_ones_are_kept(ctx, now, case):
    found = people(ctx, now, case, (
        "email,language,country\n"
        "one@example.org,de,DE\n"
        "not-an-address,de,DE\n"
        "two@example.org,FR,fr\n"
        ",de,DE\n"
        "three@example.org,german,DE\n"
        "four@example.org,de,Germany\n"
        "five@example.org,,\n"
    ))  # fmt: skip
    assert (found.added, found.known, found.total) == (3, 0, 3)
    assert [(row.line, row.reason) for row in found.refused] == [
        (3, "email is not an address"),
        (5, "email is missing"),
        (6, "language is not a two-letter code (en, de, fr ...)"),
        (7, "country is not a two-letter code (DE, FR ...)"),
    ]
    assert addresses(ctx, case) == ["one@example.org", "two@example.org", "five@example.org"]
    assert [(row.language, row.country) for row in rows_of(ctx, AffectedPerson)] == [
        ("de", "DE"), ("fr", "FR"), ("en", None),
    ]  # fmt: skip


def test_a_reason_never_repeats_what_the_row_says(ctx, now, case):
    found = people(ctx, now, case, "email,language\ncanary address,canary\n")
    assert "canary" not in found.refused[0].reason
    assert "canary" not in repr(found.done)


def test_importing_twice_adds_nobody(ctx, now, case):
    content = "email\none@example.org\ntwo@example.org\n"
    people(ctx, now, case, content)
    again = people(ctx, now, case, content + " ONE@Example.org \nthree@example.org\n")
    assert (again.added, again.known, again.total) == (1, 3, 3)
    assert len(rows_of(ctx, AffectedPerson)) == 3


def test_an_address_twice_in_one_file_is_listed_once(ctx, now, case):
    assert people(ctx, now, case, "email\none@example.org\nOne@example.org\n").added == 1


def test_a_list_of_one_case_is_nobodys_of_another(ctx, now, case):
    other = aware(ctx, now)
    people(ctx, now, case, "email\none@example.org\n")
    assert people(ctx, now, other, "email\none@example.org\n").added == 1


@pytest.mark.parametrize(
    "content",
    [
        b"email;language\none@example.org;de\n",
        b"\xef\xbb\xbfemail,language\r\none@example.org,de\r\n",
        b'\xef\xbb\xbfemail;language\r\n"one@example.org";"de"\r\n;\r\n',
        b" Email , LANGUAGE \none@example.org , de \n\n",
        b"language,email\nde_AT,one@example.org\n",
        "email,language\r\none@example.org,de\r\n".encode("utf-16"),
        b"email\tlanguage\none@example.org\tde\n",
        b"sep=;\r\nemail;language\r\none@example.org;de\r\n",
        b"email,language\rone@example.org,de\r",
        b'"email", "language"\n"one@example.org", "de" \n',
        b'email,language\n"Maria Muster <one@example.org>",de\n',
        b'email,language\n"""Muster, Maria"" <one@example.org>",de\n',
        b"email,language\n<one@example.org>,de\n",
        b"email,language\nmailto:one@example.org,de\n",
        b"email,language\n'one@example.org',de\n",
        "email,language\n\u00a0one@example.org\u00a0,de\n".encode(),
    ],
)
def test_what_spreadsheets_write_is_read(ctx, now, case, content):
    assert people(ctx, now, case, content).added == 1
    assert addresses(ctx, case) == ["one@example.org"]
    assert rows_of(ctx, AffectedPerson)[0].language == "de"


@pytest.mark.parametrize(
    "address",
    [
        "one@example.org\r\nBcc: two@example.org",
        "one@example.org\nBcc: two@example.org",
        "one@example.org\rBcc: two@example.org",
        "one@example.org, two@example.org",
        "One <one@example.org>, <two@example.org>",
        "one@example",
        "@example.org",
        "one@@example.org",
        "one two@example.org",
        "one@exam\tple.org",
        f"{'x' * 65}@example.org",
        f"one@{'x' * 250}.org",
    ],
)
def test_nobody_else_is_smuggled_into_an_address(ctx, now, case, address):
    quoted = address.replace('"', '""')
    found = people(ctx, now, case, f'email\n"{quoted}"\nlast@example.org\n')
    # A line is a row, whatever a quotation mark opens: no reading of these bytes reaches anybody but the last.
    assert found.refused
    assert addresses(ctx, case) == ["last@example.org"]


def test_the_refused_file_can_be_mended_and_takes_no_cell_for_a_formula(ctx, now, case):
    rows = ("=cmd|' /C calc'!A0", "+1@", "-1@", "@sum", "plain")
    found = people(ctx, now, case, "email,language\n" + "".join(f"{row},de\n" for row in rows))
    lines = write_refused(found).splitlines()
    assert lines[0] == "line,reason,email,language"
    assert lines[1] == "2,email is not an address,'=cmd|' /C calc'!A0,de"
    assert [line.split(",")[2][:2] for line in lines[2:]] == ["'+", "'-", "'@", "pl"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "missing: email"),
        (b"address\none@example.org\n", "missing: email"),
        (b"email,name,age\none@example.org,x,5\n", "unknown columns: name, age"),
        (b"email\n\xff\xfe\n", "line 2 is not UTF-8"),
        ("email\none@example.org\n".encode("utf-16-le"), "missing: email"),
        ("email\none@example.org\n".encode("utf-16") + b"\x00", "line 3 is not UTF-16"),
        ("email\none@example.org\nj\u00fcrgen@example.org\n".encode("cp1252"), "line 3 is not UTF-8"),
        (b"email,language\n", "no row below"),
        (b"email;language\r\n;\r\n\r\n", "no row below"),
    ],
)
def test_a_file_that_is_no_list_leaves_nothing(ctx, now, case, content, why):
    with nothing_written(ctx), pytest.raises(InvalidInputError, match=why):
        people(ctx, now, case, content)


def test_nobody_is_listed_before_awareness_by_who_only_reads_or_in_no_case(ctx, now, case):
    early = opened(ctx, now)
    with nothing_written(ctx), pytest.raises(RefusedError, match="first record awareness"):
        people(ctx, now, early, "email\none@example.org\n")
    with nothing_written(ctx), pytest.raises(PermissionDeniedError):
        people(ctx, now, case, "email\none@example.org\n", actor=AUDITOR)
    with nothing_written(ctx), pytest.raises(NotFoundError):
        people(ctx, now, "INC-2026-0404", "email\none@example.org\n")


def test_no_address_stands_in_the_clear_anywhere(ctx, now, case):
    people(ctx, now, case, "email\ncanary@example.org\nbad canary\n")
    merchants(ctx, now, case, "m-1,A shop,canary@example.org,,,,,")
    assert "canary" not in repr(everything(ctx))
    if ctx.store.url.startswith("sqlite"):
        ctx.store.close()
        assert b"canary" not in b"".join(file.read_bytes() for file in sqlite_files(ctx.store))


def sqlite_files(store: Store):
    from pathlib import Path

    path = Path(store.url.partition(":///")[2])
    return path.parent.glob(path.name + "*")


def test_an_import_is_on_record_with_its_numbers(ctx, now, case):
    import json

    from sqlmodel import select

    people(ctx, now, case, "email\none@example.org\nbad\n")
    with ctx.store.read() as session:
        entry = session.exec(select(AuditEntry).where(AuditEntry.kind == "people.imported")).one()
    payload = json.loads(entry.payload)
    assert (payload["added"], payload["known"], payload["refused"], payload["total"]) == (1, 0, 1, 1)


def test_a_merchant_is_listed_with_the_figures_of_its_own(ctx, now, case):
    found = merchants(
        ctx, now, case, "m-1,A shop,one@example.org,de,500,900,email name,24", "m-2,B,two@example.org,,unknown,,,"
    )
    assert (found.added, found.refused) == (2, ())
    first, second = rows_of(ctx, MerchantRow)
    assert (first.people, first.records, first.kinds, first.contract_hours) == (500, 900, ["email", "name"], 24)
    assert (second.people, second.records, second.kinds, second.contract_hours, second.language) == (
        None, None, [], None, "en",
    )  # fmt: skip
    assert addresses(ctx, case, MerchantRow) == ["one@example.org", "two@example.org"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (",A shop,one@example.org,,,,,", "merchant_id must be"),
        ("m 1,A shop,one@example.org,,,,,", "merchant_id must be"),
        ("../m,A shop,one@example.org,,,,,", "merchant_id must be"),
        ("m-1,,one@example.org,,,,,", "name is missing"),
        (f"m-1,{'x' * 201},one@example.org,,,,,", "name is missing or longer"),
        ("m-1,A shop,none,,,,,", "email is not an address"),
        ("m-1,A shop,one@example.org,,-5,,,", "people is not a whole number from 0 on"),
        ("m-1,A shop,one@example.org,,1.5,,,", "people is not a whole number"),
        ("m-1,A shop,one@example.org,,2147483648,,,", "people is not a whole number"),
        ("m-1,A shop,one@example.org,,,many,,", "records is not a whole number"),
        ("m-1,A shop,one@example.org,,,,,0", "contract_hours is not a whole number from 1 on"),
    ],
)
def test_a_bad_merchant_is_named_and_the_good_one_kept(ctx, now, case, row, why):
    found = merchants(ctx, now, case, row, "m-9,Another shop,two@example.org,,,,,")
    assert [(bad.line, why in bad.reason) for bad in found.refused] == [(2, True)]
    assert [merchant.merchant_id for merchant in rows_of(ctx, MerchantRow)] == ["m-9"]


def test_a_merchant_is_listed_once_and_a_newer_file_changes_what_it_says(ctx, now, case):
    merchants(ctx, now, case, "m-1,A shop,one@example.org,en,4000,5000,name,24")
    again = merchants(ctx, now, case, "m-1,Another name,two@example.org,,9999,,name email,12")
    assert (again.added, again.changed, again.known, again.refused) == (0, 1, 0, ())
    (row,) = rows_of(ctx, MerchantRow)
    assert (row.name, row.language, row.people, row.records, row.kinds, row.contract_hours) == (
        "Another name", "en", 9999, 5000, ["name", "email"], 12,
    )  # fmt: skip
    assert addresses(ctx, case, MerchantRow) == ["two@example.org"]
    (line,) = [line for line in again.done.changed if line.startswith("m-1: ")]
    assert line == (
        "m-1: email changed, name A shop -> Another name, people 4000 -> 9999, kinds name -> name email, "
        "contract_hours 24 -> 12"
    )
    assert merchants(ctx, now, case, "m-1,Another name,two@example.org,,9999,,name email,12").known == 1


def test_a_newer_file_changes_people_and_says_from_what_to_what(ctx, now, case):
    people(ctx, now, case, "email,language,country\none@example.org,de,DE\ntwo@example.org,de,DE\n")
    again = people(ctx, now, case, "email,language,country\nONE@example.org,fr,\ntwo@example.org,,AT\n")
    assert (again.added, again.changed, again.known) == (0, 2, 0)
    assert [(row.language, row.country) for row in rows_of(ctx, AffectedPerson)] == [("fr", "DE"), ("de", "AT")]
    assert {"language de -> fr: 1", "country DE -> AT: 1"} <= set(again.done.changed)
    # A shorter file takes nothing away.
    assert people(ctx, now, case, "email\none@example.org\n").known == 1


def test_two_lines_of_a_file_that_contradict_each_other_are_not_both_taken(ctx, now, case):
    found = people(ctx, now, case, "email,language\none@example.org,de\none@example.org,fr\none@example.org,de\n")
    assert (found.added, found.known, found.changed, [row.line for row in found.refused]) == (1, 1, 0, [3])


def test_a_list_of_merchants_names_its_columns(ctx, now, case):
    with nothing_written(ctx), pytest.raises(InvalidInputError, match="missing: merchant_id, name"):
        merchants(ctx, now, case, "one@example.org", header="email")


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\u202e", "\u200b"])
def test_a_sign_that_does_not_print_is_no_part_of_an_address(ctx, now, case, sign):
    found = people(ctx, now, case, f"email\nno{sign}where@example.org\n")
    assert (found.added, len(found.refused)) == (0, 1)


@pytest.mark.parametrize("address", ["+plus@example.org", "-dash@example.org", "=sum@example.org"])
def test_an_address_that_a_spreadsheet_would_compute_comes_back_from_a_mended_file_as_it_was(ctx, now, case, address):
    refused = people(ctx, now, case, f"email,language\n{address},english\n")
    mended = write_refused(refused).replace("english", "en")
    assert f"'{address}" in mended
    assert people(ctx, now, case, mended).added == 1
    assert addresses(ctx, case) == [address]


def test_an_apostrophe_that_is_a_person_s_own_stays(ctx, now, case):
    assert people(ctx, now, case, "email\n'+odd@example.org\n").added == 1
    assert addresses(ctx, case) == ["'+odd@example.org"]


def test_a_quotation_mark_without_a_partner_is_named_at_the_line_where_it_stands(ctx, now, case):
    found = people(ctx, now, case, (
        "email,language\n"
        "first@example.org,en\n"
        "\n"
        '"second@example.org,en\n'
        "third@example.org,en\n"
    ))  # fmt: skip
    (row,) = found.refused
    assert row.line == 4
    assert "a quotation mark in the line has no partner" in row.reason
    assert addresses(ctx, case) == ["first@example.org", "third@example.org"]


def test_of_a_thousand_rows_two_quotation_marks_spoil_two(ctx, now, case):
    rows = [f"s{number}@example.org,de,DE" for number in range(1000)]
    rows[5] = f'"{rows[5]}'
    rows[505] = f'"{rows[505]}'
    found = people(ctx, now, case, "\n".join(("email,language,country", *rows)))
    assert (found.added, found.known, [row.line for row in found.refused]) == (998, 0, [7, 507])


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ('"a@example.org; b@example.org"', "several addresses"),
        ('"a@example.org, b@example.org"', "several addresses"),
        ("a@example.org/b@example.org", "several addresses"),
        ('"quoted one"@example.org', "a quotation mark"),
        ('in"side@example.org', "a quotation mark"),
        ("weiß@example.org", "outside ASCII before the @"),
        ("mailto:a@example.org?cc=b@example.org", "several addresses"),
        (".lead@example.org", "is not an address"),
    ],
)
def test_a_cell_that_is_no_one_s_address_is_refused_with_what_is_wrong(ctx, now, case, cell, why):
    found = people(ctx, now, case, f"email,language\n{cell},de\nlast@example.org,de\n")
    assert [(row.line, why in row.reason) for row in found.refused] == [(2, True)]
    assert addresses(ctx, case) == ["last@example.org"]


@pytest.mark.parametrize(
    "name", ["A\u00a0shop", "\u0646\u06cc\u200c\u0641\u0627", "\u200fشركة", 'Shop "Best"', "Shop, Sons"]
)
def test_a_name_of_the_world_is_a_name(ctx, now, case, name):
    found = merchants(ctx, now, case, '"{}","{}",one@example.org,,,,,'.format("m-1", name.replace('"', '""')))
    assert (found.refused, [row.name for row in rows_of(ctx, MerchantRow)]) == ((), [name.strip()])


@pytest.mark.parametrize("name", ["A\u202eshop", "A\u2066shop", "A\u2028shop", "A\x1bshop", "\u200f\u200c"])
def test_a_name_that_would_turn_or_break_the_words_around_it_is_none(ctx, now, case, name):
    found = merchants(ctx, now, case, f"m-1,{name},one@example.org,,,,,")
    assert (found.added, len(found.refused)) == (0, 1)


@pytest.mark.parametrize("kinds", ["name;email", "name wobble", "name;address;email;order_history"])
def test_a_kind_of_data_that_has_no_words_never_reaches_a_merchants_notice(ctx, now, case, kinds):
    good, bad = "m1,Shop,a@example.org,de,1,1,name order_history,", f"m2,Shop,b@example.org,de,1,1,{kinds},"
    found = merchants(ctx, now, case, good, bad)
    assert (found.added, len(found.refused)) == (1, 1)
    assert found.refused[0].line == 3
    assert "is no kind of data: kinds are words such as name, email, order_history, separated by blanks" in (
        found.refused[0].reason
    )
