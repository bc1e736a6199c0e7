"""Each ending of an attempt has one verdict, a code and a sentence."""

import pytest

from smtp_gateway.relay.classify import Ending, Fault, Stage, judge
from smtp_gateway.relay.reply import Reply


@pytest.mark.parametrize(
    ("ending", "name", "code", "reason"),
    [
        (
            Ending(Stage.CONNECT, fault=Fault.UNREACHABLE, detail="connection refused"),
            "deferred",
            "next-hop-unreachable",
            "hop:25 cannot be reached: connection refused.",
        ),
        (
            Ending(Stage.RCPT, fault=Fault.TIMEOUT),
            "deferred",
            "next-hop-timeout",
            "hop:25 gave no answer in time while answering RCPT.",
        ),
        (
            Ending(Stage.GREETING, fault=Fault.LOST),
            "deferred",
            "next-hop-connection-lost",
            "hop:25 closed the connection while waiting for its greeting.",
        ),
        (
            Ending(Stage.FINAL_DOT, fault=Fault.LOST),
            "uncertain",
            "next-hop-connection-lost",
            "hop:25 gave no answer to the complete mail; it may have taken it already, so the"
            " recipient may get it twice.",
        ),
        (
            Ending(Stage.FINAL_DOT, fault=Fault.STOPPED),
            "uncertain",
            "relay-stopped",
            "The relay was stopped before hop:25 answered the complete mail; it may have taken it"
            " already, so the recipient may get it twice.",
        ),
        (
            Ending(Stage.DATA, fault=Fault.STOPPED),
            "deferred",
            "relay-stopped",
            "The relay was stopped during this attempt; the mail is tried again.",
        ),
        (
            Ending(Stage.AUTH, Reply(535, ("5.7.8 No",))),
            "deferred",
            "next-hop-auth-failed",
            "hop:25 refused our log-in; check user and password of its route: 535 5.7.8 No",
        ),
        (
            Ending(Stage.HELLO, Reply(550, ("Not you",))),
            "deferred",
            "next-hop-refused-connection",
            "hop:25 does not talk to us now: 550 Not you",
        ),
        (
            Ending(Stage.RCPT, Reply(550, ("5.1.1 Gone",))),
            "bounced",
            "next-hop-refused-recipient",
            "hop:25 refused this recipient: 550 5.1.1 Gone",
        ),
        (
            Ending(Stage.MAIL, fault=Fault.NO_SMTPUTF8),
            "bounced",
            "next-hop-without-smtputf8",
            "hop:25 does not take addresses or headers outside ASCII (5.6.7).",
        ),
        (
            Ending(
                Stage.CONNECT, fault=Fault.NO_DOMAIN, detail="There is no domain x.test (5.1.2)"
            ),
            "bounced",
            "domain-does-not-exist",
            "There is no domain x.test (5.1.2).",
        ),
        (
            Ending(Stage.CONNECT, fault=Fault.NULL_MX, detail="x.test takes no mail (5.1.10)"),
            "bounced",
            "domain-takes-no-mail",
            "x.test takes no mail (5.1.10).",
        ),
        (
            Ending(Stage.CONNECT, fault=Fault.DNS, detail="x.test cannot be looked up"),
            "deferred",
            "dns-failed",
            "x.test cannot be looked up.",
        ),
        (
            Ending(Stage.CONNECT),
            "deferred",
            "relay-fault",
            "The relay failed in a way nobody foresaw; its log has the cause.",
        ),
    ],
)
def test_an_ending_has_a_verdict(ending: Ending, name: str, code: str, reason: str) -> None:
    verdict = judge(ending, "hop:25")
    assert (verdict.name, verdict.reason_code, verdict.reason) == (name, code, reason)


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("fault", Fault)
def test_no_fault_but_one_that_stays_bounces(stage: Stage, fault: Fault) -> None:
    verdict = judge(Ending(stage, fault=fault), "hop:25")
    stays = fault in (Fault.NO_SMTPUTF8, Fault.NULL_MX, Fault.NO_DOMAIN)
    assert (verdict.name == "bounced") == stays
    assert verdict.reason_code
    assert verdict.reason.endswith(".")


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("code", [220, 250, 354, 421, 450, 550, 552, 554])
def test_only_a_positive_answer_to_the_complete_mail_means_relayed(stage: Stage, code: int) -> None:
    verdict = judge(Ending(stage, Reply(code, ("x",))), "hop:25")
    assert (verdict.name == "relayed") == (stage is Stage.FINAL_DOT and code in (220, 250))
    assert len(verdict.reason_code) <= 40
