"""The commands that do what the pages do."""

import io
import json
import sys
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from senders.models import SenderAddress
from tests.senders.factories import (
    PASSWORD,
    make_sender,
    make_verified_sender,
    password_fits,
    reread,
)

pytestmark = pytest.mark.django_db


def output(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().strip()


def output_json(*arguments: str) -> Any:
    return json.loads(output(*arguments, "--json"))


def test_an_address_is_created() -> None:
    made = output_json(
        "create_sender_address", "News@Example.com", "--mail-type", "batch",
        "--reply-to", "help@example.com",
    )  # fmt: skip
    assert made.pop("created_at")
    assert made == {
        "address": "news@example.com",
        "mail_type": "batch",
        "reply_to": "help@example.com",
        "reply_to_state": "unverified",
        "smtp": False,
        "smtp_last_used_at": None,
        "suspended": False,
    }
    assert SenderAddress.objects.get().address == "news@example.com"


def test_without_json_a_line_for_people_is_printed() -> None:
    line = output("create_sender_address", "news@müller.de", "--mail-type", "trigger")
    assert line == "news@müller.de  trigger  no reply-to  SMTP off"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["no", "--mail-type", "trigger"], "An email address must have an @-sign."),
        (["a@b.de", "--mail-type", "trigger", "--reply-to", "no"], "must have an @-sign"),
        (["taken@example.com", "--mail-type", "trigger"], "This sender address exists already."),
        (["a@b.de", "--mail-type", "spam"], "invalid choice"),
        (["a@b.de"], "--mail-type"),
    ],
)
def test_what_cannot_be_created_is_refused_in_a_sentence(arguments: list[str], text: str) -> None:
    make_sender("taken@example.com")
    with pytest.raises(CommandError, match=text) as refused:
        output("create_sender_address", *arguments)
    assert refused.value.returncode != 0
    assert SenderAddress.objects.count() == 1


@pytest.mark.parametrize("arguments", [[], ["--generate"]])
def test_a_generated_password_is_printed(arguments: list[str]) -> None:
    sender = make_sender("news@example.com")
    password = output("set_smtp_password", "NEWS@example.com", *arguments)
    assert password_fits(sender, password)


def test_a_generated_password_is_in_the_json() -> None:
    sender = make_sender("news@example.com")
    made = output_json("set_smtp_password", "news@example.com", "--generate")
    assert made["smtp"] is True
    assert password_fits(sender, made["password"])


def test_a_password_is_read_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    sender = make_sender("news@example.com")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\nmore\n"))
    printed = output("set_smtp_password", "news@example.com", "--password-stdin", "--json")
    assert PASSWORD not in printed
    assert password_fits(sender, PASSWORD)


def test_a_password_that_breaks_the_rule_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sender = make_sender("news@example.com")
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    with pytest.raises(CommandError, match=r"Use 10 to 20 characters\. Use at least 2 digits\."):
        output("set_smtp_password", "news@example.com", "--password-stdin")
    assert not reread(sender).smtp_enabled


@pytest.mark.parametrize(
    ("address", "text"),
    [("nobody@example.com", "There is no sender address nobody@example.com."), ("no", "@-sign")],
)
def test_a_password_for_no_address_is_refused(address: str, text: str) -> None:
    with pytest.raises(CommandError, match=text):
        output("set_smtp_password", address)


def test_the_list_has_every_address_newest_first() -> None:
    make_verified_sender("first@example.com", reply_to="help@example.com")
    make_sender("second@example.com")
    first, second = reversed(output_json("list_sender_addresses"))
    assert (first["address"], first["reply_to_state"]) == ("first@example.com", "verified")
    assert (second["address"], second["reply_to"]) == ("second@example.com", None)
    assert output("list_sender_addresses").splitlines() == [
        "second@example.com  trigger  no reply-to  SMTP off",
        "first@example.com  trigger  help@example.com (verified)  SMTP off",
    ]


def test_an_empty_list_is_an_empty_array() -> None:
    assert output_json("list_sender_addresses") == []
    assert output("list_sender_addresses") == ""
