"""What a destination learns from the replies to a transaction."""

import pytest

from smtp_gateway.relay import governor
from smtp_gateway.relay.classify import Ending, Fault, Stage, judge
from smtp_gateway.relay.next_hop import NextHop
from smtp_gateway.relay.reply import Reply
from tests.smtp_gateway.relay.sending import make_courier

TAKEN = Ending(Stage.FINAL_DOT, Reply(250, ("2.0.0 Ok",)))


def connections_after(*endings: Ending) -> int:
    """Of five, after one transaction with these recipients."""
    destination = make_courier(NextHop("hop.test", 25), connections=20).destination
    destination.learn([judge(ending, "hop.test") for ending in endings])
    return destination.pool.places.limit


def refused(code: int, text: str, stage: Stage = Stage.RCPT) -> Ending:
    return Ending(stage, Reply(code, (text,)))


@pytest.mark.parametrize(
    "ending",
    [
        refused(421, "4.7.0 Too many connections from your IP", Stage.MAIL),
        refused(451, "4.3.2 Please try again later", Stage.FINAL_DOT),
        Ending(Stage.CONNECT, fault=Fault.UNREACHABLE),
        Ending(Stage.DATA, fault=Fault.LOST),
    ],
    ids=["421", "451", "unreachable", "lost"],
)
def test_what_has_no_room_for_us_gets_half_as_much(ending: Ending) -> None:
    assert connections_after(ending) == 2


@pytest.mark.parametrize(
    "ending",
    [
        TAKEN,
        refused(550, "5.1.1 No such user"),
        refused(452, "4.2.2 Mailbox full"),
        refused(450, "4.2.0 Greylisted, come back in 300 seconds"),
        refused(550, "5.7.26 Fails DMARC policy of the domain", Stage.FINAL_DOT),
        Ending(Stage.FINAL_DOT, fault=Fault.STOPPED),
    ],
    ids=["taken", "no such user", "full", "greylisted", "dmarc", "stopped"],
)
def test_what_has_something_against_a_mail_gets_as_much_as_before(ending: Ending) -> None:
    assert connections_after(ending) == 5


def test_one_recipient_that_it_takes_counts_more_than_others_that_it_defers() -> None:
    later = refused(451, "4.3.2 Please try again later")
    assert connections_after(later, TAKEN) == 5
    assert connections_after(later, later) == 2


@pytest.mark.parametrize("fault", [Fault.STOPPED, Fault.RELAY], ids=["stopped", "relay fault"])
def test_what_ended_for_reasons_of_ours_is_no_sign_of_recovery(
    fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    destination = make_courier(NextHop("hop.test", 25), connections=20).destination
    monkeypatch.setattr(governor, "_HALVING_PAUSE_SECONDS", 0.0)
    endings = [Ending(Stage.CONNECT, fault=Fault.UNREACHABLE)] * 3
    for ending in (*endings[:2], Ending(Stage.CONNECT, fault=fault), endings[2]):
        destination.learn([judge(ending, "hop.test")])
    wait = destination.wait()
    assert wait is not None
    assert wait.code == "destination-held"
