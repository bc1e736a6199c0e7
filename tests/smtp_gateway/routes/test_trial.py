"""Testing a route against a real next hop: what is said, and the sentence at the end."""

import asyncio
import base64
from dataclasses import replace
from typing import cast

import pytest

from smtp_gateway.relay import wire
from smtp_gateway.relay.classify import Ending, Fault, Stage
from smtp_gateway.relay.next_hop import NextHop, Security
from smtp_gateway.relay.session import Timeouts
from smtp_gateway.routes.trial.dialogue import Said
from smtp_gateway.routes.trial.finding import Finding, finding_of
from smtp_gateway.routes.trial.trial import TIMEOUTS, Trial, run, smarthost_trial
from tests.journeys.stack import free_ports
from tests.smtp_gateway.relay.conftest import Certificate
from tests.smtp_gateway.relay.next_hop import DROP, HANG, ScriptedHop
from tests.smtp_gateway.relay.sending import hop_at, until
from tests.smtp_gateway.routes.factories import PASSWORD

QUICK = Timeouts(connect=5, reply=0.2)


def make_trial(
    hop: NextHop, recipient: str = "", timeouts: Timeouts = TIMEOUTS, **changes: float
) -> Trial:
    trial = smarthost_trial(
        hop,
        our_name="us.test",
        mail_from="directmail@us.test",
        recipient=recipient,
        timeouts=timeouts,
    )
    return replace(trial, **changes)  # type: ignore[arg-type]


async def tried(trial: Trial) -> tuple[list[Said], Finding]:
    """The dialogue and what was found, from a thread as the console has it."""
    *said, finding = await asyncio.to_thread(list, run(trial))
    assert all(isinstance(line, Said) for line in said)
    assert isinstance(finding, Finding)
    return cast("list[Said]", said), finding


def words(said: list[Said]) -> list[str]:
    return [f"{line.name or 'Event'}: {line.words}" for line in said]


async def test_a_connection_alone_is_said_line_by_line() -> None:
    async with ScriptedHop(extensions=("PIPELINING",)).running() as hop:
        said, finding = await tried(make_trial(hop_at(hop)))
    assert words(said) == [
        f"Event: Connecting to 127.0.0.1:{hop.port}.",
        f"Event: Connected to 127.0.0.1:{hop.port}.",
        "Server: 220 hop.test ESMTP",
        "DirectMail: EHLO us.test",
        "Server: 250-hop.test\n250 PIPELINING",
        "DirectMail: QUIT",
        "Server: 221 2.0.0 Bye",
    ]
    assert finding.is_good
    assert finding.text == (
        "DirectMail connected, without TLS. No mail was sent. Without TLS others on the way can "
        "read the mail."
    )
    assert [line.milliseconds for line in said] == sorted(line.milliseconds for line in said)


async def test_a_recipient_is_asked_for_and_no_mail_is_sent() -> None:
    async with ScriptedHop().running() as hop:
        said, finding = await tried(make_trial(hop_at(hop), "anna@example.org"))
    assert hop.verbs == ["EHLO", "MAIL", "RCPT", "RSET", "QUIT"]
    assert "DirectMail: MAIL FROM:<directmail@us.test>" in words(said)
    assert "DirectMail: RCPT TO:<anna@example.org>" in words(said)
    assert "It would take mail to anna@example.org. No mail was sent." in finding.text


@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "LOGIN"])
@pytest.mark.parametrize("security", [Security.REQUIRED, Security.IMPLICIT])
async def test_tls_and_log_in_are_shown_and_the_password_is_not(
    security: Security,
    mechanisms: str,
    certificate: Certificate,
) -> None:
    tls = {"implicit_tls" if security is Security.IMPLICIT else "starttls"}
    server = ScriptedHop(
        users={"shop": PASSWORD},
        mechanisms=mechanisms,
        **dict.fromkeys(tls, certificate.server_context),  # type: ignore[arg-type]
    )
    async with server.running() as hop:
        route = hop_at(hop, security=security, user="shop", password=PASSWORD)
        said, finding = await tried(make_trial(route))
    text = "\n".join(words(said))
    assert hop.logged_in == ["shop"]
    assert "TLSv1.3" in text
    assert (f"AUTH {mechanisms.split()[0]}") in text
    assert " bytes]" in text
    assert_says_no_secret(text)
    assert finding.is_good
    assert "protected by TLSv1.3, logged in as shop" in finding.text


def assert_says_no_secret(text: str) -> None:
    for secret in (PASSWORD, f"\0shop\0{PASSWORD}"):
        assert secret not in text
        assert base64.b64encode(secret.encode()).decode() not in text


async def test_a_password_that_the_server_repeats_is_hidden() -> None:
    encoded = base64.b64encode(f"\0shop\0{PASSWORD}".encode()).decode()

    def script(verb: str, argument: str) -> str | None:
        said = f"535-Wrong: {encoded}\r\n535 or {PASSWORD}"
        return said if verb == "AUTH" else None

    async with ScriptedHop(script, users={"shop": "x"}).running() as hop:
        said, finding = await tried(make_trial(hop_at(hop, user="shop", password=PASSWORD)))
    assert_says_no_secret("\n".join(words(said)) + finding.text)
    assert "Server: 535-Wrong: [48 bytes]\n535 or [28 bytes]" in words(said)


async def test_a_wrong_password_is_named() -> None:
    async with ScriptedHop(users={"shop": "right"}).running() as hop:
        said, finding = await tried(make_trial(hop_at(hop, user="shop", password="wrong one")))
    assert said[-1].is_refusal
    assert (finding.is_good, finding.title) == (False, "Log-in refused")
    assert "user name shop" in finding.text


async def test_a_log_in_that_is_not_offered_is_named() -> None:
    async with ScriptedHop().running() as hop:
        _, finding = await tried(make_trial(hop_at(hop, user="shop", password=PASSWORD)))
    assert finding.title == "Cannot log in"
    assert "neither AUTH PLAIN nor AUTH LOGIN" in finding.text


async def test_where_nobody_listens_the_sentence_says_so() -> None:
    (port,) = free_ports(1)
    said, finding = await tried(make_trial(NextHop("127.0.0.1", port)))
    assert words(said) == [f"Event: Connecting to 127.0.0.1:{port}."]
    assert finding.title == "Cannot be reached"
    assert finding.text.startswith(f"Nobody listens at 127.0.0.1:{port}.")


async def test_a_source_address_of_another_machine_is_named() -> None:
    async with ScriptedHop().running() as hop:
        route = hop_at(hop, source_ipv4="192.0.2.1")
        _, finding = await tried(make_trial(route))
    assert finding.text.startswith("The source address cannot be used on this machine.")


async def test_the_connection_comes_from_the_source_address() -> None:
    async with ScriptedHop().running() as hop:
        _, finding = await tried(make_trial(hop_at(hop, source_ipv4="127.0.0.2")))
    assert finding.is_good
    assert hop.peers == ["127.0.0.2"]


@pytest.mark.parametrize(
    ("verb", "reply", "title", "said"),
    [
        ("CONNECT", "554 5.7.1 Your address is listed", "Turned away", "source address"),
        ("EHLO", "421 4.3.2 Busy", "Turned away", "try again in a few minutes"),
        ("MAIL", "550 5.7.1 Not your sender", "Sender refused", "set up with them"),
        ("MAIL", "530 5.7.0 Authentication required", "A log-in is asked for", "user name"),
        ("RCPT", "550 5.1.1 Nobody", "Recipient refused", "its reply says why. If"),
        ("RCPT", "450 4.7.1 Greylisted", "Recipient refused", "try again in a few minutes"),
        ("CONNECT", HANG, "No answer in time", "expect TLS from the start"),
        ("EHLO", HANG, "No answer in time", "stopped answering"),
        ("CONNECT", DROP, "The server hung up", "without a greeting"),
        ("MAIL", DROP, "The server hung up", "in the middle"),
        ("CONNECT", "HTTP/1.1 400 Bad Request", "That is no SMTP server", "speak SMTP"),
    ],
    ids=lambda text: text.split(" ")[0],
)
async def test_what_is_wrong_and_what_to_do_is_said(
    verb: str, reply: str, title: str, said: str
) -> None:
    def script(asked: str, argument: str) -> str | None:
        return reply if asked == verb else None

    timeouts = QUICK if reply == HANG else TIMEOUTS
    async with ScriptedHop(script).running() as hop:
        _, finding = await tried(make_trial(hop_at(hop), "anna@example.org", timeouts))
    assert (finding.is_good, finding.title) == (False, title)
    assert said in finding.text


async def test_a_server_of_another_kind_is_not_read_out() -> None:
    def script(verb: str, argument: str) -> str | None:
        return "secret-of-another-service: 12345" if verb == "CONNECT" else None

    async with ScriptedHop(script).running() as hop:
        said, finding = await tried(make_trial(hop_at(hop)))
    assert "secret-of-another-service" not in "\n".join(words(said)) + finding.text


async def test_a_certificate_that_is_not_trusted_is_named(
    certificate: Certificate,
) -> None:
    async with ScriptedHop(starttls=certificate.server_context).running() as hop:
        route = hop_at(hop, security=Security.REQUIRED, verify_tls=True)
        said, finding = await tried(make_trial(route))
    assert "DirectMail: STARTTLS" in words(said)
    assert finding.title == "No TLS"
    assert "its certificate is not trusted (self-signed certificate)" in finding.text


async def test_tls_that_is_required_and_not_offered_is_named() -> None:
    async with ScriptedHop().running() as hop:
        _, finding = await tried(make_trial(hop_at(hop, security=Security.REQUIRED)))
    assert "offers no STARTTLS, and this route requires it" in finding.text


async def test_tls_from_the_start_where_there_is_none_is_named() -> None:
    async with ScriptedHop().running() as hop:
        _, finding = await tried(make_trial(hop_at(hop, security=Security.IMPLICIT)))
    assert "does not begin with TLS. On ports 587 and 25 choose STARTTLS" in finding.text


async def test_without_the_tls_that_is_required_no_password_is_sent() -> None:
    async with ScriptedHop(users={"shop": PASSWORD}).running() as hop:
        route = hop_at(hop, security=Security.REQUIRED, user="shop", password=PASSWORD)
        _, finding = await tried(make_trial(route))
    assert not finding.is_good
    assert hop.verbs == ["EHLO"]


async def test_a_password_that_is_not_sent_in_the_clear_is_explained(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Tests send nothing beyond loopback: this hop only counts as one from elsewhere.
    monkeypatch.setattr(wire, "is_loopback", lambda _peername: False)
    async with ScriptedHop(users={"shop": PASSWORD}).running() as hop:
        _, finding = await tried(make_trial(hop_at(hop, user="shop", password=PASSWORD)))
    assert finding.title == "Cannot log in"
    assert "DirectMail never sends a password in the clear" in finding.text
    assert "AUTH" not in hop.verbs


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ("name or service not known", "DNS knows no smtp.example.net."),
        ("temporary failure in name resolution", "this machine's DNS does not answer"),
        ("network is unreachable", "no way to smtp.example.net:25"),
        ("no answer within 10 seconds", "many providers block port 25"),
    ],
)
def test_why_nobody_can_be_reached_is_explained(detail: str, said: str) -> None:
    ending = Ending(Stage.CONNECT, fault=Fault.UNREACHABLE, detail=detail)
    assert said in finding_of(ending, NextHop("smtp.example.net", 25)).text


async def test_a_name_that_dns_does_not_know_is_named() -> None:
    _, finding = await tried(make_trial(NextHop("nowhere.invalid", 25)))
    assert finding.title == "Cannot be reached"
    assert "nowhere.invalid" in finding.text


async def test_the_whole_test_has_an_end() -> None:
    def script(verb: str, argument: str) -> str | None:
        return HANG if verb == "MAIL" else None

    async with ScriptedHop(script).running() as hop:
        trial = make_trial(hop_at(hop), "anna@example.org", whole_seconds=0.3)
        _, finding = await tried(trial)
    assert finding.title == "It takes too long"


async def test_who_stops_looking_ends_the_connection() -> None:
    async with ScriptedHop().running() as hop:
        lines = run(make_trial(hop_at(hop)))
        first = await asyncio.to_thread(lambda: [next(lines) for _ in range(3)])
        assert len(first) == 3
        await asyncio.to_thread(lines.close)
        await until(lambda: hop.connections == 1 and not hop.open_now)


async def test_lines_come_as_they_are_said_and_not_at_the_end() -> None:
    def script(verb: str, argument: str) -> str | None:
        return HANG if verb == "EHLO" else None

    async with ScriptedHop(script).running() as hop:
        lines = run(make_trial(hop_at(hop)))
        seen = await asyncio.to_thread(lambda: [next(lines) for _ in range(4)])
        assert [line.words for line in seen if isinstance(line, Said)][3] == "EHLO us.test"
        await asyncio.to_thread(lines.close)
