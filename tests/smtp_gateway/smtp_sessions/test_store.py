"""Sessions in their table: whom they are about, and how many of them stay."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from smtp_gateway.models import SmtpSession
from smtp_gateway.smtp_sessions import store
from smtp_gateway.tasks import prune_smtp_sessions
from tests.smtp_gateway.smtp_sessions.told import keep, make_snapshot
from tests.smtp_gateway.submission.talking import plain

pytestmark = pytest.mark.django_db

APP, OTHER = "app@shop.example", "other@shop.example"
REFUSED = "535 5.7.8 User name or password refused"


def the_session() -> SmtpSession:
    return SmtpSession.objects.get()


def test_a_session_is_written_with_its_dialogue() -> None:
    keep(make_snapshot("EHLO client.example", "250 mail", "QUIT", "221 Bye", sender=APP))
    session = the_session()
    assert session.sender_address == APP
    assert session.is_logged_in
    assert session.client_ip == "192.0.2.1"
    assert session.client_name == "client.example"
    assert session.went_well
    assert session.ended_at == session.seen_at >= session.began_at
    assert [line[1:] for line in session.lines] == [
        ["client", "EHLO client.example"], ["server", "250 mail"],
        ["client", "QUIT"], ["server", "221 Bye"],
    ]  # fmt: skip


def test_a_refused_log_in_is_kept_under_the_address_it_was_for() -> None:
    keep(make_snapshot(f"AUTH PLAIN {plain(APP)}", REFUSED))
    assert the_session().sender_address == APP
    assert not the_session().is_logged_in
    assert not the_session().went_well
    assert the_session().reply == REFUSED


def test_a_log_in_as_nobody_is_kept_with_the_name_that_was_tried() -> None:
    keep(make_snapshot(f"AUTH PLAIN {plain('ap@shop.example')}", REFUSED))
    assert the_session().sender_address == ""
    assert the_session().user_name == "ap@shop.example"


def test_a_doubtful_name_is_kept_only_where_it_is_a_sender_address() -> None:
    line = f"AUTH PLAIN {plain('GoodPass12@shop.example')}"
    keep(make_snapshot(line, REFUSED))
    assert the_session().user_name == ""
    keep(make_snapshot(line, REFUSED), known=["goodpass12@shop.example"])
    assert SmtpSession.objects.get(sender_address="goodpass12@shop.example").user_name


@pytest.mark.parametrize("path", [f"<{APP}>", "<App@Shop.Example> SIZE=5", f" <{APP}>", APP])
def test_without_log_in_the_envelope_sender_says_whom_it_is_about(path: str) -> None:
    keep(make_snapshot(f"MAIL FROM:{path}", "530 5.7.0 Authentication required"))
    assert the_session().sender_address == APP


def test_who_logged_in_counts_before_what_was_claimed() -> None:
    lines = [f"AUTH PLAIN {plain(OTHER)}", REFUSED, f"MAIL FROM:<{OTHER}>", "553 5.7.1 No"]
    keep(make_snapshot(*lines, sender=APP), known=[APP, OTHER])
    assert the_session().sender_address == APP


@pytest.mark.parametrize("line", ["MAIL FROM:<>", "MAIL FROM:", "MAIL", "MAIL FROM:<a b@c.d>"])
def test_what_names_nobody_is_kept_under_no_address(line: str) -> None:
    keep(make_snapshot(line, "501 5.5.4 Syntax"))
    assert the_session().sender_address == ""


def test_the_last_ten_that_went_well_and_the_last_ten_that_did_not_stay() -> None:
    for number in range(15):
        keep(make_snapshot("QUIT", "221 Bye", sender=APP, session_id=f"a{number:015x}"))
        keep(make_snapshot("DATA", "550 No", sender=APP, session_id=f"b{number:015x}"))
        keep(make_snapshot("QUIT", sender=OTHER), known=[APP, OTHER])
    kept = set(SmtpSession.objects.filter(sender_address=APP).values_list("session_id", flat=True))
    assert kept == {f"{letter}{number:015x}" for letter in "ab" for number in range(5, 15)}
    assert SmtpSession.objects.filter(sender_address=OTHER).count() == 10


def test_without_an_address_the_last_fifty_stay() -> None:
    for _ in range(2):
        keep(*(make_snapshot("X", "500 ") for _ in range(20)))
        keep(*(make_snapshot("QUIT") for _ in range(20)))
    assert SmtpSession.objects.filter(went_well=False).count() == store.KEPT_WITHOUT_ADDRESS
    assert SmtpSession.objects.count() == 50


def test_a_running_session_is_written_again_when_it_ends() -> None:
    running = make_snapshot("EHLO a.example", session_id="0" * 16, has_ended=False)
    keep(running)
    assert the_session().ended_at is None
    ended = make_snapshot("EHLO a.example", "250 a", sender=APP, session_id="0" * 16)
    keep(running, ended)
    assert the_session().ended_at
    assert the_session().sender_address == APP
    keep(running)
    assert the_session().ended_at, "what is late changes nothing"


def test_what_is_old_or_too_much_is_pruned() -> None:
    old = timezone.now() - timedelta(days=31)
    keep(make_snapshot("QUIT", began_at=old), *(make_snapshot("QUIT") for _ in range(5)))
    prune_smtp_sessions()
    assert SmtpSession.objects.count() == 5
    newest = list(SmtpSession.objects.order_by("-id").values_list("id", flat=True)[:3])
    with override_settings(SMTP_SESSIONS_KEPT=3):
        prune_smtp_sessions()
    assert list(SmtpSession.objects.order_by("-id").values_list("id", flat=True)) == newest
    with override_settings(SMTP_SESSIONS_KEPT=0):
        prune_smtp_sessions()
    assert not SmtpSession.objects.exists()


def test_odd_bytes_can_be_kept() -> None:
    keep(make_snapshot("EHLO a\0b", "MAIL FROM:<\ud7ff\u202e@x>", "!x"), make_snapshot("\x00"))
    assert SmtpSession.objects.count() == 2
