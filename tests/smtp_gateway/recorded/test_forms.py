"""Every sentence that the mail path records has a form, by which the console can translate it."""

import errno
import itertools
import os
import socket

import pytest

from smtp_gateway.queue.relays import _SENTENCES
from smtp_gateway.recorded.wording import form_of
from smtp_gateway.relay.classify import Ending, Fault, Stage, judge
from smtp_gateway.relay.domain_patterns import InvalidPattern, parse_patterns
from smtp_gateway.relay.next_hop import InvalidRelayUrl, parse_relay_url
from smtp_gateway.relay.reply import Reply
from smtp_gateway.relay.retry import lifetime_over
from smtp_gateway.relay.routing import RouteSpec, Routing
from smtp_gateway.routes.loading import KEY_IS_GONE
from smtp_gateway.submission import tls_failure, transcript

_OF_DNS = {Fault.NULL_MX, Fault.NO_DOMAIN, Fault.DNS}


def form(text: str) -> str:
    found = form_of(text)
    return found[0] if found else f"NO FORM: {text}"


@pytest.mark.parametrize("stage", list(Stage), ids=lambda stage: stage.name)
@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.name)
def test_what_a_fault_leads_to_has_a_form(stage: Stage, fault: Fault) -> None:
    # Of what DNS says the detail is the whole sentence: those are looked at below.
    details = [""] if fault in _OF_DNS else ["", "something: with a colon (5)"]
    for detail in details:
        reason = judge(Ending(stage, fault=fault, detail=detail), "mx.example.net:25").reason
        assert not form(reason).startswith("NO FORM")


@pytest.mark.parametrize("stage", list(Stage), ids=lambda stage: stage.name)
@pytest.mark.parametrize("code", [354, 421, 450, 530, 535, 550, 552, 554])
def test_what_a_reply_leads_to_has_a_form(stage: Stage, code: int) -> None:
    reply = Reply(code, ("5.1.1 No: such %(user)s here",))
    reason = judge(Ending(stage, reply), "mx.example.net:25").reason
    assert form(reason).endswith(": %(reply)s")


def test_a_form_takes_a_sentence_apart() -> None:
    assert form_of("mx.example.net:25 closed the connection while answering RCPT.") == (
        "%(hop)s closed the connection while %(doing)s.",
        {"hop": "mx.example.net:25", "doing": "answering RCPT"},
    )


def test_no_sentence_has_a_form_that_none_was_given_to() -> None:
    assert form_of("Whatever an older version wrote.") is None


def test_what_a_lifetime_ended_with_is_a_sentence_of_its_own() -> None:
    found = form_of(lifetime_over("mx.example.net:25 cannot be reached."))
    assert found == (
        "Given up: its lifetime is over. %(why)s",
        {"why": "mx.example.net:25 cannot be reached."},
    )
    assert form(lifetime_over("")) == "Given up: its lifetime is over."


@pytest.mark.parametrize("kind", sorted(_SENTENCES))
def test_what_a_dead_relay_leaves_has_a_form(kind: str) -> None:
    assert not form(_SENTENCES[kind]).startswith("NO FORM")


def test_why_a_route_keeps_mail_or_lets_it_wait_has_a_form() -> None:
    specs = [
        RouteSpec(1, "Mine", "mailbox"),
        RouteSpec(2, "Broken", "smarthost", problem=KEY_IS_GONE),
        RouteSpec(3, "Out", "mx"),
        RouteSpec(0, "Local mailbox", "mailbox"),
    ]
    for spec, is_free in itertools.product(specs, [True, False]):
        routing = Routing(
            routes=[],
            default=spec,
            allow_unverified_domains=is_free,
            domain_is_verified=lambda _domain: False,
        )
        choice = routing.route(
            origin="smtp", mail_type="trigger", mail_from="a@example.com", recipient="b@c.example"
        )
        assert not choice.reason or not form(choice.reason).startswith("NO FORM")


@pytest.mark.parametrize(
    "number",
    [
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.ETIMEDOUT,
        errno.EADDRNOTAVAIL,
        errno.EMFILE,
    ],
    ids=errno.errorcode.get,
)
def test_what_the_system_says_of_a_connection_has_a_form(number: int) -> None:
    cause = os.strerror(number).lower()
    assert form_of(cause) == (cause, {})


def test_what_the_system_says_of_a_name_has_a_form() -> None:
    with pytest.raises(socket.gaierror) as raised:
        socket.getaddrinfo("no.such.host.invalid", 25)
    assert not form(str(raised.value.strerror).lower()).startswith("NO FORM")


def test_what_openssl_says_of_a_certificate_has_a_form() -> None:
    said = "its certificate is not trusted (self-signed certificate)"
    assert form_of(said) == (
        "its certificate is not trusted (%(cause)s)",
        {"cause": "self-signed certificate"},
    )
    assert form_of("self-signed certificate") == ("self-signed certificate", {})


def test_a_problem_of_a_route_has_a_form() -> None:
    assert not form(KEY_IS_GONE).startswith("NO FORM")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "smtp://",
        "smtp://:secret@example.com",
        "smtp://example.com:99999",
        "smtp://us#er@example.com",
        "smtp://example.com?starttls=sometimes",
    ],
)
def test_what_is_wrong_with_a_relay_url_has_a_form(url: str) -> None:
    with pytest.raises(InvalidRelayUrl) as raised:
        parse_relay_url(url, verify_tls=True)
    assert not form(str(raised.value)).startswith("NO FORM")


@pytest.mark.parametrize(
    "text",
    ["ann@example.com", "@", "*", "a_b!", " ".join(f"d{number}.example" for number in range(501))],
    ids=["address", "sign", "everything", "nonsense", "many"],
)
def test_what_is_wrong_with_domains_has_a_form(text: str) -> None:
    with pytest.raises(InvalidPattern) as raised:
        parse_patterns(text)
    assert not form(str(raised.value)).startswith("NO FORM")


@pytest.mark.parametrize(
    "words",
    [
        transcript.CLIENT_LEFT,
        transcript.TLS_INSTEAD,
        transcript.TLS_MISSING,
        f"{transcript.MAIL_CUT_OFF}, 1,024 bytes in.",
        tls_failure.describe(ConnectionAbortedError()),
        tls_failure.describe(ConnectionResetError()),
    ],
)
def test_what_happens_beside_a_dialogue_has_a_form(words: str) -> None:
    assert not form(words).startswith("NO FORM")
