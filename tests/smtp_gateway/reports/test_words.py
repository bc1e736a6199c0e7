"""The part of a report that people read."""

from dataclasses import replace

import pytest

from smtp_gateway.queue.report_values import LastAttempt
from smtp_gateway.relay import classify
from smtp_gateway.reports.advice import advice
from smtp_gateway.reports.words import report_text
from tests.smtp_gateway.reports.made import READING, mail, notice, report, tried

REFUSED = "mx.example.net:25 refused this recipient: 550 5.1.1 No such user"


def test_it_says_who_did_not_get_which_mail_in_whose_words_and_what_to_do() -> None:
    failed = notice(reason=REFUSED, reason_code="next-hop-refused-recipient")
    assert report(mail(), failed).text == (
        "This is DirectMail on mail.directmail.test. It reports on a mail of yours:\n"
        "\n"
        "Sent as:  app@example.com\n"
        "Subject:  Your order\n"
        "Accepted: 26 November 2026, 03:34 UTC\n"
        "Queue ID: 01KB2Q7XG5W9D3MT\n"
        "\n"
        "Not delivered, and not tried again:\n"
        "\n"
        "anna@example.org\n"
        "  mx.example.net:25 refused this recipient:\n"
        "  550 5.1.1 No such user\n"
        "  What to do: Check the address, and stop sending to it if it is not right.\n"
        "\n"
        "Its page in the Mail Log:\n"
        "https://console.test/mail-log/01KB2Q7XG5W9D3MT/\n"
        "\n"
        "A program wrote this report; nobody reads replies to it.\n"
    )


def test_a_delay_says_that_nothing_is_to_be_done() -> None:
    text = report(mail(), notice("delayed", last=LastAttempt(), reason="It is busy.")).text
    assert (
        "Delayed. It is tried again until 27 November 2026, 03:34 UTC; do not send it again:"
        in text
    )
    assert "What to do: Nothing: it is tried again" in text


def test_good_news_need_no_advice() -> None:
    text = report(mail(), notice("relayed"), notice("delivered", last=LastAttempt())).text
    assert "Relayed to a mail server that sends no reports of its own:" in text
    assert "Delivered into the local mailbox of DirectMail:" in text
    assert "What to do" not in text


def test_each_kind_stands_under_one_heading() -> None:
    text = report(mail(), notice(recipient="a@x.test"), notice(recipient="b@x.test")).text
    assert text.count("Not delivered, and not tried again:") == 1
    assert text.index("a@x.test") < text.index("b@x.test")


def test_it_names_the_address_that_the_mail_was_first_for() -> None:
    text = report(mail(), notice(orcpt="rfc822;sales@example.org")).text
    assert "  First addressed to sales@example.org\n" in text
    same = report(mail(), notice(orcpt="rfc822;anna@example.org")).text
    assert "First addressed" not in same


def test_it_names_the_envelope_that_the_application_named() -> None:
    assert "Envelope: order+42\n" in report(mail(envid="order+2B42"), notice()).text


def test_the_very_words_of_a_reply_are_not_cut_and_survive_in_any_language() -> None:
    said = "550 5.1.1 " + "Kein Postfach für diesen Empfänger, " * 40
    text = report(mail(), notice(last=tried(said.strip()), reason="Refused.")).text
    assert f"  Refused.\n  The next hop said: {said.strip()}\n" in text


RULES = {"mailbox-full": "Try again in a few days.", "our-ip-blocked": "Ask for its removal."}
RULES["greylisted"] = "Nothing has to be done: it takes the mail at a later attempt."


@pytest.mark.parametrize(
    ("category", "reason_code", "expected"),
    [
        ("mailbox-full", "next-hop-refused-recipient", "Try again in a few days."),
        ("our-ip-blocked", "lifetime-over", "Ask for its removal."),
        ("greylisted", "lifetime-over", "Check what stands behind the @"),
        ("", "next-hop-refused-mail", "Change the mail before you send it again"),
        ("", "", "Send it again later, or ask"),
    ],
)
def test_advice_on_a_failure_comes_from_the_rules_for_replies_first(
    category: str, reason_code: str, expected: str
) -> None:
    failed = notice(reason_code=reason_code, last=tried(category=category))
    assert advice(failed, RULES).startswith(expected)
    reading = replace(READING, advice_by_category=RULES)
    assert f"  What to do: {expected}" in report_text(mail(), [failed], reading)


@pytest.mark.parametrize(
    ("category", "fault", "expected"),
    [
        ("our-ip-blocked", "us", "Ask for its removal."),
        ("mailbox-full", "recipient", "Nothing: it is tried again"),
        ("greylisted", "", "Nothing: it is tried again"),
    ],
)
def test_a_delay_asks_for_something_only_where_the_cause_is_here(
    category: str, fault: str, expected: str
) -> None:
    delayed = notice("delayed", last=tried(category=category, fault=fault))
    assert advice(delayed, RULES).startswith(expected)


def test_no_report_of_a_failure_says_that_nothing_has_to_be_done() -> None:
    rules = {name: category.advice for name, category in classify.RULES.categories.items()}
    for name in rules:
        given_up = notice(reason_code="lifetime-over", last=tried(category=name))
        assert "nothing" not in advice(given_up, rules).lower()
