"""Sending again makes a new mail of a finished one: same content, same envelope."""

from datetime import timedelta

import pytest
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.dsn import MailDsn, RecipientDsn
from smtp_gateway.models import Attempt, Delivery, Message, MessageContent
from smtp_gateway.queue.acting import Acted
from smtp_gateway.queue.sending_again import AgainRules, newest_event, send_again
from smtp_gateway.sent_again import OtherMail, other_mail
from tests.smtp_gateway.mails import attempt_all, lease_all, make_caught, make_mail

pytestmark = pytest.mark.django_db

BY = "op@example.com"


def ids(queue_id: str) -> list[int]:
    found = Delivery.objects.filter(message__queue_id=queue_id)
    return list(found.order_by("id").values_list("id", flat=True))


def again(queue_id: str, **rules: object) -> Acted:
    return send_again(ids(queue_id), operator=BY, rules=AgainRules(**rules))  # type: ignore[arg-type]


def test_the_new_mail_has_the_content_and_the_envelope_of_the_first() -> None:
    asked = {"anna@example.org": RecipientDsn("FAILURE", "rfc822;old@example.org")}
    first_id = make_mail(
        recipients=["anna@example.org", "bert@example.org"],
        content=b"Subject: \xff\r\n\r\n\x00\x01",
        mail_type="batch", needs_smtputf8=True, is_8bit=True,
        client=queue.Client(ip="192.0.2.7", name="app", tls="TLSv1.3", session_id="S1"),
        dsn=MailDsn("HDRS", "42"), recipient_dsn=asked,
    )  # fmt: skip
    attempt_all("bounced", lane="batch")
    acted = again(first_id)
    (second_id,) = acted.queue_ids
    assert acted == Acted(2, frozenset({"batch"}), (second_id,))
    first, second = (Message.objects.get(queue_id=name) for name in (first_id, second_id))
    for field in (
        "origin", "mail_type", "sender_address", "mail_from", "message_id", "subject",
        "size_bytes", "needs_smtputf8", "is_8bit", "dsn_ret", "dsn_envid",
    ):  # fmt: skip
        assert getattr(first, field) == getattr(second, field), field
    assert bytes(second.content.body) == bytes(first.content.body)
    assert second.expires_at - second.accepted_at == first.expires_at - first.accepted_at
    assert second.accepted_at > first.accepted_at
    # Nobody submitted it.
    assert (second.client_ip, second.session_id) == (None, "")
    fields = ("recipient", "dsn_notify", "dsn_orcpt", "sender_key")
    envelopes = [
        list(mail.deliveries.order_by("recipient").values_list(*fields)) for mail in (first, second)
    ]
    assert envelopes[0] == envelopes[1]
    # Each attempt takes its turn in the pace of the sender.
    assert {each.lane for each in second.deliveries.all()} == {"paced"}


def test_the_new_mail_is_due_and_relayed_like_any_other() -> None:
    first = make_mail()
    attempt_all("bounced")
    (second,) = again(first).queue_ids
    _, (leased,) = lease_all()
    assert (leased.queue_id, leased.attempt_count) == (second, 0)


def test_both_mails_say_of_each_other() -> None:
    first = make_mail()
    attempt_all("bounced")
    (second,) = again(first).queue_ids
    codes = {
        event.delivery.message.queue_id: (event.reason_code, event.reason)
        for event in Attempt.objects.filter(outcome="sent-again")
    }
    assert set(codes) == {first, second}
    assert other_mail(codes[first][0]) == OtherMail(second, is_original=False)
    assert other_mail(codes[second][0]) == OtherMail(first, is_original=True)
    assert codes[first][1] == codes[second][1] == "Sent again by op@example.com."
    assert other_mail("mailbox-full") is None


def test_only_the_chosen_recipients_get_it_again() -> None:
    first = make_mail(recipients=["a@example.org", "b@example.org", "c@example.org"])
    attempt_all("bounced")
    acted = send_again(ids(first)[1:], operator=BY, rules=AgainRules())
    (second,) = acted.queue_ids
    found = Delivery.objects.filter(message__queue_id=second).order_by("recipient")
    assert list(found.values_list("recipient", flat=True)) == ["b@example.org", "c@example.org"]


def test_the_recipients_of_a_mail_share_one_new_mail() -> None:
    originals = [make_mail(recipients=["a@example.org", "b@example.org"]) for _ in range(3)]
    attempt_all("bounced")
    chosen = [delivery for queue_id in originals for delivery in ids(queue_id)]
    acted = send_again(chosen, operator=BY, rules=AgainRules())
    assert (acted.count, len(acted.queue_ids)) == (6, 3)


@pytest.mark.parametrize("outcome", ["relayed", "bounced", "expired"])
def test_whatever_has_ended_can_be_sent_again(outcome: str) -> None:
    first = make_mail()
    attempt_all(outcome)
    assert again(first).count == 1


def test_what_still_waits_is_not_sent_twice() -> None:
    waiting, leased = make_mail(accepted_at=timezone.now() + timedelta(hours=1)), make_mail()
    assert again(waiting) == Acted()
    lease_all()
    assert again(leased) == Acted()
    assert Message.objects.count() == 2


def test_without_its_content_nothing_can_be_sent() -> None:
    first = make_mail()
    attempt_all("bounced")
    MessageContent.objects.all().delete()
    assert again(first) == Acted()
    assert not Attempt.objects.filter(outcome="sent-again").exists()


def test_nothing_is_sent_again_as_a_suspended_address() -> None:
    first = make_mail()
    attempt_all("bounced")
    assert again(first, suspended=["app@example.com"]) == Acted()


def test_what_was_kept_here_waits_for_a_way_out() -> None:
    kept = make_mail()
    attempt_all("relayed", route="mailbox", reason_code="domain-unverified", keep_in_mailbox=True)
    assert again(kept, leads_out=False) == Acted()
    assert again(kept, leads_out=True).count == 1
    # Where the mailbox is a route that was asked for, nothing kept it.
    assert again(make_caught(), leads_out=False).count == 1


def test_a_form_that_is_posted_twice_sends_once() -> None:
    first = make_mail()
    attempt_all("bounced")
    shown = newest_event()
    assert again(first, known_event=shown).count == 1
    assert again(first, known_event=shown) == Acted()
    assert again(first, known_event=newest_event()).count == 1


def test_a_copy_can_be_sent_again_after_its_own_end() -> None:
    first = make_mail()
    attempt_all("bounced")
    (second,) = again(first).queue_ids
    Delivery.objects.filter(message__queue_id=second).update(
        state="cancelled", finished_at=timezone.now()
    )
    (third,) = again(second, known_event=0).queue_ids
    assert third not in (first, second)
