"""What a destination learns from the replies to a transaction."""

from dataclasses import replace

import pytest

from smtp_gateway.relay import governor
from smtp_gateway.relay.classify import Ending, Fault, Stage, judge
from smtp_gateway.relay.destination import Destination, Whither
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
        refused(421, "4.3.2 Shutting down", Stage.FINAL_DOT),
        refused(451, "4.3.2 Please try again later", Stage.MAIL),
        refused(451, "4.7.1 Rate limit exceeded"),
        Ending(Stage.CONNECT, fault=Fault.UNREACHABLE),
        Ending(Stage.DATA, fault=Fault.LOST),
        Ending(Stage.FINAL_DOT, fault=Fault.TIMEOUT),
    ],
    ids=["421", "421 to the mail", "451 to MAIL", "rate limit", "unreachable", "lost", "timeout"],
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
        refused(451, "4.3.0 Temporary lookup failure"),
        refused(451, "4.3.2 Please try again later", Stage.DATA),
        refused(451, "4.3.2 Please try again later", Stage.FINAL_DOT),
        Ending(Stage.FINAL_DOT, fault=Fault.STOPPED),
    ],
    ids=[
        "taken",
        "no such user",
        "full",
        "greylisted",
        "dmarc",
        "451 to RCPT",
        "451 to DATA",
        "451 to the mail",
        "stopped",
    ],
)
def test_what_has_something_against_a_mail_gets_as_much_as_before(ending: Ending) -> None:
    assert connections_after(ending) == 5


BLOCKED = refused(550, "5.7.1 Client host [192.0.2.5] blocked using Spamhaus")


def test_a_smarthost_that_repeats_what_a_receiver_said_may_take_other_mail() -> None:
    assert connections_after(BLOCKED) == 5


def make_receiver() -> Destination:
    """The mail hosts of a domain."""
    destination = make_courier(NextHop("hop.test", 25), connections=20).destination
    route = replace(destination.whither.route, kind="mx")
    return Destination(Whither(route, "receiver.test"), destination.pool)


@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DATA, Stage.FINAL_DOT], ids=lambda s: s.name)
def test_a_receiver_has_trouble_for_all_mail_to_its_domain_whenever_it_says_so(
    stage: Stage,
) -> None:
    receiver = make_receiver()
    receiver.learn([judge(refused(451, "4.3.2 Please try again later", stage), "hop.test")])
    assert receiver.pool.places.limit == 2


def test_a_smarthost_is_never_left_alone_for_what_it_says_of_one_recipient(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    destination = make_courier(NextHop("hop.test", 25), connections=20).destination
    monkeypatch.setattr(governor, "_HALVING_PAUSE_SECONDS", 0.0)
    for _ in range(10):
        destination.learn([judge(refused(451, "4.3.0 Temporary lookup failure"), "hop.test")])
    assert destination.wait() is None
    assert destination.pool.places.limit == 5


def test_a_receiver_that_does_not_understand_a_command_may_take_other_mail() -> None:
    receiver = make_receiver()
    receiver.learn([judge(refused(503, "5.5.1 Bad sequence of commands"), "hop.test")])
    assert receiver.pool.places.limit == 5


def test_a_smarthost_that_answers_for_one_recipient_is_there_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    destination = make_courier(NextHop("hop.test", 25), connections=20).destination
    monkeypatch.setattr(governor, "_HALVING_PAUSE_SECONDS", 0.0)
    lost = Ending(Stage.CONNECT, fault=Fault.UNREACHABLE)
    for ending in (lost, lost, refused(451, "4.3.0 Temporary lookup failure"), lost, lost):
        destination.learn([judge(ending, "hop.test")])
    assert destination.wait() is None
    assert destination.pool.places.limit == 1


def test_a_421_counts_also_behind_what_was_said_of_one_recipient() -> None:
    later = refused(451, "4.3.0 Temporary lookup failure")
    assert connections_after(later, refused(421, "4.3.2 Shutting down")) == 2


def test_a_receiver_that_blocks_us_does_so_for_all_mail() -> None:
    receiver = make_receiver()
    receiver.learn([judge(BLOCKED, "hop.test")])
    assert receiver.pool.places.limit == 2
    # How long a mail waits for such a reason is no pause that the receiver asked for.
    assert receiver.wait() is None


@pytest.mark.parametrize(
    ("ending", "is_held"),
    [
        (refused(421, "4.7.0 Try again in 60 seconds", Stage.MAIL), True),
        (refused(451, "4.7.1 Rate limit exceeded, try again in 60 seconds"), True),
        (refused(450, "4.2.0 Greylisted, try again in 60 seconds"), False),
        (refused(452, "4.2.2 Mailbox full, try again in 60 seconds"), False),
    ],
    ids=["421", "rate limit", "greylisted", "mailbox full"],
)
def test_a_pause_that_it_asks_for_is_kept_where_it_is_for_all_mail(
    ending: Ending, *, is_held: bool
) -> None:
    destination = make_courier(NextHop("hop.test", 25), connections=20).destination
    destination.learn([judge(ending, "hop.test")])
    assert (destination.wait() is not None) == is_held


def test_one_recipient_that_it_takes_counts_more_than_others_that_it_defers() -> None:
    later = refused(451, "4.3.2 Please try again later")
    for endings, connections in [((later, TAKEN), 5), ((later, later), 2)]:
        receiver = make_receiver()
        receiver.learn([judge(ending, "hop.test") for ending in endings])
        assert receiver.pool.places.limit == connections


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
