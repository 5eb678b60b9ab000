"""The SendGrid sender against a stand-in that speaks SendGrid's wire format and counts what really reached it."""

import json
import logging
import pickle
import socket
import threading
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from notifications.delivery.channel import AmbiguousFailure, Letter, PermanentFailure, SendError, TemporaryFailure
from notifications.delivery.channels.sendgrid import EUROPE, SendGridSender, bypasses_unsubscribes
from notifications.redaction import Secret

CANARY = "canary.person@example.org"
CANARY_NAME = "The Canary Reader"


@pytest.fixture
def sender(sendgrid_standin):
    return SendGridSender(sendgrid_standin.key, "notices@example.org", "Rabta", sendgrid_standin.url, timeout=20.0)


def crowd(a_letter, count):
    return [a_letter(key=f"letter-{n}", to=f"reader{n}@example.org") for n in range(count)]


def test_a_letter_is_accepted_once_and_carries_its_id(sender, sendgrid_standin, a_letter):
    accepted = sender.send([a_letter()])
    assert sendgrid_standin.accepted() == {"letter-1": 1}
    last_line = json.loads(sendgrid_standin.journal.read_text().splitlines()[-1])
    assert last_line["message_id"] == accepted.provider_id
    assert last_line["tocsin_id"] == "letter-1"


def test_the_request_tracks_nobody_and_shows_text_before_html(sender, sendgrid_standin, a_letter):
    sender.send([a_letter(to_name="Reader")])
    body = sendgrid_standin.last_request()
    assert [part["enable"] for part in body["tracking_settings"].values()] == [False] * 4
    assert set(body["tracking_settings"]) == {"click_tracking", "open_tracking", "subscription_tracking", "ganalytics"}
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    assert body["categories"] == ["tocsin", "people"]
    assert body["reply_to"] == {"email": "privacy@example.org"}
    assert body["from"] == {"email": "notices@example.org", "name": "Rabta"}
    assert body["personalizations"] == [
        {"to": [{"email": "reader@example.org", "name": "Reader"}], "custom_args": {"tocsin_id": "letter-1"}}
    ]


def test_a_thousand_letters_go_in_one_request_and_nobody_sees_another(sender, sendgrid_standin, a_letter):
    sender.send(crowd(a_letter, 1_000))
    assert sendgrid_standin.requests() == 1
    assert sendgrid_standin.accepted() == {f"letter-{n}": 1 for n in range(1_000)}


def test_more_than_a_thousand_letters_are_refused_before_sending(sender, sendgrid_standin, a_letter):
    with pytest.raises(PermanentFailure, match="1 to 1000 letters") as refused:
        sender.send(crowd(a_letter, 1_001))
    assert refused.value.whose == "message"
    assert sendgrid_standin.requests() == 0


def test_an_empty_request_is_refused(sender):
    with pytest.raises(PermanentFailure):
        sender.send([])


@pytest.mark.parametrize("again", ["reader@example.org", "READER@Example.org"])
def test_an_address_twice_in_one_request_is_refused_and_the_second_letter_named(
    sender, sendgrid_standin, a_letter, again
):
    with pytest.raises(PermanentFailure, match="letter-2 repeats the address") as refused:
        sender.send([a_letter(), a_letter(key="letter-2", to=again)])
    assert refused.value.keys == ("letter-2",)
    assert sendgrid_standin.requests() == 0


def test_a_key_twice_in_one_request_is_refused(sender, a_letter):
    with pytest.raises(PermanentFailure, match="repeats the key"):
        sender.send([a_letter(), a_letter(to="another@example.org")])


def test_letters_with_different_words_do_not_share_a_request(sender, a_letter):
    with pytest.raises(PermanentFailure, match="differ in their words"):
        sender.send([a_letter(), a_letter(key="letter-2", to="b@example.org", text="Something else.")])


@pytest.mark.parametrize(
    "address",
    [
        "reader@example.org\r\nBcc: all@example.org",
        "reader@example.org\n",
        "a@example.org,b@example.org",
        "Reader <reader@example.org>",
        "no address",
        "",
        "reader@example.org\x00",
        "reader\u2028@example.org",
        f"{'r' * 250}@example.org",
        "leserin-ü@example.org",
    ],
)
def test_what_is_not_one_plain_address_is_refused_as_the_recipients_fault(sender, sendgrid_standin, a_letter, address):
    with pytest.raises(PermanentFailure) as refused:
        sender.send([a_letter(key="bad-one", to=address)])
    assert (refused.value.whose, refused.value.keys) == ("recipient", ("bad-one",))
    assert not address or address not in str(refused.value)
    assert sendgrid_standin.requests() == 0


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Shop, Inc.", "Shop Inc."), ("A;B", "A B"), (" , ; ", None), ("Zoë  Müller", "Zoë Müller"), ("a,;,b", "a b")],
)
def test_a_comma_or_semicolon_in_a_name_would_part_addresses_and_is_left_out(sender, a_letter, name, shown):
    sender.send([a_letter(to_name=name)])
    ((to,),) = [part["to"] for part in sender.body([a_letter(to_name=name)])["personalizations"]]
    assert to.get("name") == shown


def test_a_line_break_in_a_name_is_the_recipients_fault(sender, a_letter):
    with pytest.raises(PermanentFailure) as refused:
        sender.send([a_letter(to_name="Reader\r\nBcc: all@example.org")])
    assert refused.value.whose == "recipient"


def test_words_that_no_encoding_can_carry_are_the_messages_fault(sender, a_letter):
    with pytest.raises(PermanentFailure, match="half a character") as refused:
        sender.send([a_letter(text="cut in the middle: \ud83d")])
    assert refused.value.whose == "message"


@pytest.mark.parametrize("subject", ["Hello\r\nBcc: all@example.org", "Hello\nworld", "Hello\r", "", "  "])
def test_a_line_break_in_the_subject_or_none_at_all_is_the_messages_fault(sender, sendgrid_standin, a_letter, subject):
    with pytest.raises(PermanentFailure) as refused:
        sender.send([a_letter(subject=subject)])
    assert refused.value.whose == "message"
    assert sendgrid_standin.requests() == 0


def test_an_address_with_an_umlaut_domain_travels_in_ascii(sender, sendgrid_standin, a_letter):
    sender.send([a_letter(to="reader@bücher.example")])
    assert sendgrid_standin.last_request()["personalizations"][0]["to"] == [{"email": "reader@xn--bcher-kva.example"}]


def test_a_request_over_thirty_megabytes_is_refused_before_sending(sender, sendgrid_standin, a_letter):
    with pytest.raises(PermanentFailure, match="30 MB") as refused:
        sender.send([a_letter(text="x" * (30 * 1024 * 1024))])
    assert refused.value.whose == "message"
    assert sendgrid_standin.requests() == 0


@pytest.mark.parametrize(
    ("kind", "exercise", "bypasses"),
    [
        ("people", False, True),
        ("controllers", False, True),
        ("authority-initial", False, True),
        ("authority-follow-up", False, True),
        ("reminder", False, False),
        ("people", True, False),
    ],
)
def test_only_what_the_law_requires_reaches_people_who_unsubscribed(
    sender, sendgrid_standin, a_letter, kind, exercise, bypasses
):
    letter = a_letter(kind=kind, exercise=exercise)
    sender.send([letter])
    expected = {"bypass_list_management": {"enable": True}} if bypasses else {}
    assert sendgrid_standin.last_request()["mail_settings"] == expected
    assert bypasses_unsubscribes(letter) is bypasses


def test_an_exercise_says_so_in_header_and_category(sender, sendgrid_standin, a_letter):
    sender.send([a_letter(exercise=True)])
    assert sendgrid_standin.last_request()["headers"] == {"X-Tocsin-Exercise": "yes"}
    assert sendgrid_standin.last_request()["categories"] == ["tocsin", "people", "exercise"]


def test_sandbox_mode_sends_nothing_and_says_so(sendgrid_standin, a_letter):
    sender = SendGridSender(sendgrid_standin.key, "notices@example.org", "Rabta", sendgrid_standin.url, sandbox=True)
    assert sender.send([a_letter()]).provider_id == "sandbox"
    assert sendgrid_standin.accepted() == {}


def test_a_wrong_key_is_our_configuration_and_not_the_letters_fault(sendgrid_standin, a_letter):
    sender = SendGridSender("SG.wrong-key-canary", "notices@example.org", "Rabta", sendgrid_standin.url)
    with pytest.raises(PermanentFailure, match="set SENDGRID_API_KEY") as refused:
        sender.send([a_letter(to=CANARY)])
    assert (refused.value.whose, refused.value.keys) == ("configuration", ())
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("behaviour", "words"), [("forbidden", "verify the sender"), ("no_credits", "Maximum credits")]
)
def test_a_refused_account_is_our_configuration_and_quotes_sendgrid(
    sender, sendgrid_standin, a_letter, behaviour, words
):
    sendgrid_standin.behave({"do": behaviour})
    with pytest.raises(PermanentFailure, match=words) as refused:
        sender.send([a_letter()])
    assert refused.value.whose == "configuration"


def test_a_bad_address_in_a_batch_is_named_by_its_key_and_never_quoted(sender, sendgrid_standin, a_letter):
    sendgrid_standin.behave({"do": "reject", "address": CANARY})
    letters = [*crowd(a_letter, 3), a_letter(key="the-bad-one", to=CANARY)]
    with pytest.raises(PermanentFailure, match=r"personalizations\.3\.to: \[address\] does not contain") as refused:
        sender.send(letters)
    assert (refused.value.whose, refused.value.keys) == ("recipient", ("the-bad-one",))
    assert CANARY not in str(refused.value)
    sender.send(letters[:3])
    assert sendgrid_standin.accepted() == {"letter-0": 1, "letter-1": 1, "letter-2": 1}


@pytest.mark.parametrize(
    ("field", "whose"), [("content.0.value", "message"), ("from.email", "configuration"), (None, "message")]
)
def test_other_refusals_are_laid_at_the_right_door(sender, sendgrid_standin, a_letter, field, whose):
    sendgrid_standin.behave({"do": "error", "status": 400, "message": f"no {CANARY} SG.test-key", "field": field})
    with pytest.raises(PermanentFailure, match=r"\[address\] \[secret\]") as refused:
        sender.send([a_letter()])
    assert refused.value.whose == whose


def test_too_large_is_the_messages_fault(sender, sendgrid_standin, a_letter):
    sendgrid_standin.behave({"do": "too_large"})
    with pytest.raises(PermanentFailure, match="fewer letters") as refused:
        sender.send([a_letter()])
    assert refused.value.whose == "message"


def test_a_pause_asked_for_is_passed_on_and_afterwards_it_works(sender, sendgrid_standin, a_letter):
    sendgrid_standin.behave({"do": "rate_limit", "seconds": 42})
    with pytest.raises(TemporaryFailure) as paused:
        sender.send([a_letter()])
    assert paused.value.retry_after == timedelta(seconds=42)
    assert sendgrid_standin.accepted() == {}
    sender.send([a_letter()])
    assert sendgrid_standin.accepted() == {"letter-1": 1}


def test_a_request_that_never_came_in_whole_may_be_tried_again(sender, sendgrid_standin, a_letter):
    sendgrid_standin.behave({"do": "error", "status": 408, "times": 2})
    for _ in range(2):
        with pytest.raises(TemporaryFailure):
            sender.send([a_letter()])
    sender.send([a_letter()])
    assert sendgrid_standin.accepted() == {"letter-1": 1}


def test_an_accepted_letter_whose_answer_is_lost_is_ambiguous(sender, sendgrid_standin, a_letter):
    sendgrid_standin.behave({"do": "accept_then_drop"})
    with pytest.raises(AmbiguousFailure, match="may have been accepted"):
        sender.send([a_letter()])
    assert sendgrid_standin.accepted() == {"letter-1": 1}


def test_a_dropped_letter_looks_the_same_and_is_ambiguous_too(sender, sendgrid_standin, a_letter):
    sendgrid_standin.behave({"do": "drop"})
    with pytest.raises(AmbiguousFailure):
        sender.send([a_letter()])
    assert sendgrid_standin.accepted() == {}


def test_silence_until_the_timeout_is_ambiguous(sendgrid_standin, a_letter):
    sender = SendGridSender(sendgrid_standin.key, "notices@example.org", "", sendgrid_standin.url, timeout=0.2)
    sendgrid_standin.behave({"do": "hang", "seconds": 1})
    with pytest.raises(AmbiguousFailure, match="TimeoutError"):
        sender.send([a_letter()])
    assert sendgrid_standin.accepted() == {"letter-1": 1}


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 520, 599])
def test_whatever_fails_once_sendgrid_has_the_request_is_ambiguous(sender, sendgrid_standin, a_letter, status):
    sendgrid_standin.behave({"do": "accept_then_error", "status": status})
    with pytest.raises(AmbiguousFailure, match=str(status)):
        sender.send([a_letter()])
    assert sendgrid_standin.accepted() == {"letter-1": 1}


def test_nobody_listening_means_nothing_was_sent(a_letter, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    sender = SendGridSender("SG.key", "notices@example.org", "", f"http://127.0.0.1:{port}", timeout=1.0)
    with pytest.raises(TemporaryFailure, match="Connection refused"):
        sender.send([a_letter()])


def test_an_unknown_host_means_nothing_was_sent(a_letter, monkeypatch):
    def unknown(*args: Any, **named: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(TemporaryFailure, match="Name or service not known"):
        SendGridSender("SG.key", "notices@example.org", "", EUROPE, timeout=1.0).send([a_letter()])


def test_an_answer_that_is_not_sendgrids_is_our_configuration(sender, sendgrid_standin, a_letter):
    sendgrid_standin.behave({"do": "error", "status": 200})
    with pytest.raises(PermanentFailure, match="none of SendGrid's") as refused:
        sender.send([a_letter()])
    assert refused.value.whose == "configuration"


@pytest.mark.parametrize("key", ["", "  ", "SG.one\nX-Evil: 1", "SG.zwei-ü", "two words"])
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(key):
    with pytest.raises(PermanentFailure, match="set SENDGRID_API_KEY") as refused:
        SendGridSender(key, "notices@example.org", "")
    assert refused.value.whose == "configuration"
    assert not key.strip() or key not in str(refused.value)


def test_a_key_read_from_a_file_may_end_with_a_line_break(sendgrid_standin, a_letter):
    sender = SendGridSender(Secret(f"{sendgrid_standin.key}\n"), "notices@example.org", "", sendgrid_standin.url)
    sender.send([a_letter()])
    assert sendgrid_standin.accepted() == {"letter-1": 1}


@pytest.mark.parametrize(
    "host", ["http://api.sendgrid.com", "api.sendgrid.com", "https://user@example.org", "ftp://a.example"]
)
def test_a_host_that_would_show_the_key_on_the_wire_is_refused(host):
    with pytest.raises(PermanentFailure, match="https address"):
        SendGridSender("SG.key", "notices@example.org", "", host)


def test_a_forged_sender_is_refused():
    with pytest.raises(PermanentFailure, match="senders in the settings"):
        SendGridSender("SG.key", "notices@example.org", "Rabta\r\nBcc: all@example.org")


def test_the_key_hides_from_repr_format_and_pickle(sender):
    assert "SG." not in f"{sender!r}{sender}{vars(sender)}"
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Secret("SG.key"))


def test_no_log_line_shows_the_key_or_an_address_even_at_debug(sender, sendgrid_standin, a_letter, caplog):
    sendgrid_standin.behave({"do": "ok"}, {"do": "reject", "address": CANARY}, {"do": "accept_then_drop"})
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            try:
                sender.send([a_letter(to=CANARY, to_name=CANARY_NAME)])
            except SendError as failure:
                logging.getLogger("test").debug("it failed", exc_info=failure)
    assert "SendGrid accepted 1 letters (people), unsubscribes bypassed" in caplog.text
    assert not [secret for secret in (CANARY, CANARY_NAME, sendgrid_standin.key) if secret in caplog.text]


def test_each_thread_has_a_client_of_its_own(sender, sendgrid_standin, a_letter):
    def send(number: int) -> None:
        sender.send([a_letter(key=f"thread-{number}", to=f"reader{number}@example.org")])

    threads = [threading.Thread(target=send, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sendgrid_standin.accepted() == {f"thread-{number}": 1 for number in range(8)}


def test_check_says_in_words_that_the_key_may_send(sender, sendgrid_standin):
    assert sender.check() == f"SendGrid at {sendgrid_standin.url} accepts the key, and it may send mail"


def test_check_names_a_missing_scope(sender, sendgrid_standin):
    sendgrid_standin.behave({"do": "scopes", "scopes": ["stats.read"]})
    with pytest.raises(PermanentFailure, match=r"scope mail\.send") as refused:
        sender.check()
    assert refused.value.whose == "configuration"


def test_check_names_a_wrong_key(sendgrid_standin):
    with pytest.raises(PermanentFailure, match="set SENDGRID_API_KEY"):
        SendGridSender("SG.wrong", "notices@example.org", "", sendgrid_standin.url).check()


LETTERS = st.lists(
    st.builds(
        Letter,
        key=st.from_regex(r"[a-z0-9:-]{1,40}", fullmatch=True),
        to=st.emails(),
        to_name=st.none() | st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20),
        subject=st.just("Your data: what happened"),
        text=st.just("What happened."),
        html=st.none(),
        language=st.sampled_from(["en", "de", "fr"]),
        kind=st.just("people"),
        exercise=st.just(False),
        reply_to=st.none(),
    ),
    min_size=1,
    max_size=12,
)


@given(letters=LETTERS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_no_two_people_ever_share_a_personalization_and_the_body_is_the_same_each_time(letters):
    sender = SendGridSender("SG.key", "notices@example.org", "")
    try:
        body = sender.body(letters)
    except PermanentFailure:
        reject()
    assert [len(part["to"]) for part in body["personalizations"]] == [1] * len(letters)
    assert not any({"cc", "bcc"} & set(part) for part in body["personalizations"])
    assert [part["custom_args"]["tocsin_id"] for part in body["personalizations"]] == [letter.key for letter in letters]
    assert body == SendGridSender("SG.other", "notices@example.org", "").body(letters)
