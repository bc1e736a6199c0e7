"""The pages /mail-log/actions/<action>/ for one mail: retry, cancel, release and send again."""

import os
from datetime import timedelta

import pytest
import redis
from django.utils import timezone

from senders import services
from smtp_gateway import queue, wake
from smtp_gateway.models import Delivery, MailAction, Message, MessageContent
from tests.smtp_gateway.acting import act, question
from tests.smtp_gateway.mails import attempt_all, lease_all, make_mail
from tests.smtp_gateway.queued import lease
from tests.waiting import wait_for


def page(console, name, **query):
    return console.get(f"/mail-log/actions/{name}/", query).content.decode()


def states():
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def delivery_of(queue_id, recipient="anna@example.org"):
    return Delivery.objects.get(message__queue_id=queue_id, recipient=recipient)


def hold(queue_id):
    Delivery.objects.filter(message__queue_id=queue_id).update(state="held", crash_count=3)


def defer(minutes=5):
    attempt_all("deferred", reason="The mailbox is full.")
    later = timezone.now() + timedelta(minutes=minutes)
    Delivery.objects.filter(attempt_count__gt=0).update(next_attempt_at=later)


def test_nobody_acts_without_log_in(client, db):
    queue_id = make_mail()
    for send in (client.get, client.post):
        response = send("/mail-log/actions/cancel/", {"of": "mail", "queue_id": queue_id})
        assert response.status_code == 302
        assert response.url.startswith("/login/")
    assert states() == ["queued"]


def test_looking_at_the_question_changes_nothing(console):
    make_mail()
    queue_id = make_mail()
    hold(queue_id)
    for name in ("retry", "cancel", "release", "send-again"):
        question(console, name, of="found")
    assert states() == ["queued", "held"]
    assert not MailAction.objects.exists()


def test_a_form_of_another_site_is_refused(console):
    strict = type(console)(enforce_csrf_checks=True)
    strict.cookies = console.cookies
    values = {"of": "mail", "queue_id": make_mail(), "known_event": "0"}
    assert strict.post("/mail-log/actions/cancel/", values).status_code == 403
    assert states() == ["queued"]


def test_there_are_no_other_actions(console):
    assert console.get("/mail-log/actions/delete/?of=found").status_code == 404


def test_one_recipient_of_a_mail_is_cancelled(console):
    queue_id = make_mail(recipients=["a@example.org", "b@example.org"])
    one = Delivery.objects.get(recipient="b@example.org").pk
    response = act(console, "cancel", of="mail", queue_id=queue_id, delivery=one)
    assert response.redirect_chain == [(f"/mail-log/{queue_id}/", 302)]
    text = response.content.decode()
    assert "The mail to b@example.org is cancelled." in text
    assert "Cancelled by operator@example.com." in text
    assert states() == ["queued", "cancelled"]


def test_all_recipients_of_a_mail_are_cancelled_but_for_those_in_a_relays_hand(console):
    queue_id = make_mail(recipients=["a@example.org", "b@example.org", "c@example.org"])
    lease(queue.register_relay(host="relay.test", pid=1), limit=1)
    text = page(console, "cancel", of="mail", queue_id=queue_id)
    assert "Cancel the mail to <bdi>2 recipients</bdi>?" in text
    assert "1 in the hand of a relay at this moment" in text
    response = act(console, "cancel", of="mail", queue_id=queue_id)
    assert "The mail to 2 recipients is cancelled. 1 recipient stayed" in response.content.decode()
    assert sorted(states()) == ["cancelled", "cancelled", "leased"]


def test_what_a_relay_has_in_hand_cannot_be_cancelled_and_the_page_says_so(console):
    queue_id = make_mail()
    lease_all()
    form = question(console, "cancel", of="mail", queue_id=queue_id)
    assert not form.has_button
    text = page(console, "cancel", of="mail", queue_id=queue_id)
    assert "Cancel mail: not possible now" in text
    assert "A relay has it in hand at this moment" in text


def test_what_was_leased_between_question_and_answer_stays_and_the_answer_says_why(console):
    queue_id = make_mail()
    form = question(console, "cancel", of="mail", queue_id=queue_id)
    lease_all()
    response = console.post(form.action, form.fields)
    assert response.status_code == 409
    assert "A relay has it in hand at this moment" in response.content.decode()
    assert states() == ["leased"]
    assert not MailAction.objects.exists()


def test_retry_now_makes_a_deferred_mail_due(console):
    queue_id = make_mail()
    defer()
    response = act(console, "retry", of="mail", queue_id=queue_id)
    assert "The mail to anna@example.org is due now." in response.content.decode()
    assert delivery_of(queue_id).next_attempt_at <= timezone.now()
    assert "It is due already." in page(console, "retry", of="mail", queue_id=queue_id)


def test_release_puts_a_mail_back_that_was_set_aside(console):
    queue_id = make_mail()
    hold(queue_id)
    response = act(console, "release", of="mail", queue_id=queue_id)
    assert "Released by operator@example.com." in response.content.decode()
    assert (delivery_of(queue_id).state, delivery_of(queue_id).crash_count) == ("queued", 0)


def test_a_bounced_mail_is_sent_again_and_both_pages_lead_to_each_other(console):
    first = make_mail()
    attempt_all("bounced", reply="550 5.1.1 No such user")
    response = act(console, "send-again", of="mail", queue_id=first)
    second = Message.objects.exclude(queue_id=first).get().queue_id
    assert response.redirect_chain == [(f"/mail-log/{second}/", 302)]
    text = response.content.decode()
    assert "The mail to anna@example.org is queued again." in text
    assert f'the original is <a href="/mail-log/{first}/">' in text
    assert "Attempt 1" not in text
    text = console.get(f"/mail-log/{first}/").content.decode()
    assert f'The new mail is <a href="/mail-log/{second}/">' in text
    assert "Attempt 2" not in text


def test_in_the_dialog_the_browser_is_led_to_the_new_mail(console):
    first = make_mail()
    attempt_all("bounced")
    form = question(console, "send-again", of="mail", queue_id=first)
    response = console.post(form.action, form.fields, headers={"HX-Request": "true"})
    second = Message.objects.exclude(queue_id=first).get().queue_id
    assert response.headers["HX-Redirect"] == f"/mail-log/{second}/"


def test_in_the_dialog_the_list_is_told_what_was_done(console):
    make_mail()
    form = question(console, "cancel", of="found")
    response = console.post(form.action, form.fields, headers={"HX-Request": "true"})
    assert response.status_code == 204
    assert "The mail to anna@example.org is cancelled." in response.headers["HX-Trigger"]


def test_a_relayed_mail_is_sent_again_only_after_a_warning(console):
    queue_id = make_mail()
    attempt_all("relayed")
    text = page(console, "send-again", of="mail", queue_id=queue_id)
    assert "the recipient may get it twice" in text


def test_a_form_posted_twice_sends_once(console):
    queue_id = make_mail()
    attempt_all("bounced")
    form = question(console, "send-again", of="mail", queue_id=queue_id)
    assert console.post(form.action, form.fields).status_code == 302
    assert console.post(form.action, form.fields).status_code == 409
    assert Message.objects.count() == 2


@pytest.mark.parametrize("known_event", ["", "x", "-1"])
def test_a_form_without_its_fields_does_nothing(console, known_event):
    queue_id = make_mail()
    values = {"of": "mail", "queue_id": queue_id, "known_event": known_event}
    assert console.post("/mail-log/actions/cancel/", values).status_code == 400
    assert states() == ["queued"]


def test_without_its_content_a_mail_offers_nothing_and_says_why(console):
    queue_id = make_mail()
    attempt_all("bounced")
    MessageContent.objects.all().delete()
    assert (
        "/mail-log/actions/send-again/"
        not in console.get(f"/mail-log/{queue_id}/").content.decode()
    )
    assert "content is no longer kept" in page(console, "send-again", of="mail", queue_id=queue_id)


def test_nothing_is_sent_again_as_a_suspended_address(console):
    now = timezone.now()
    sender = services.create_sender_address(address="app@example.com", mail_type="trigger", now=now)
    services.suspend(sender, now=now)
    queue_id = make_mail()
    attempt_all("bounced")
    text = page(console, "send-again", of="mail", queue_id=queue_id)
    assert "Its sender address is suspended." in text
    services.resume(sender)
    act(console, "send-again", of="mail", queue_id=queue_id)
    assert Message.objects.count() == 2


def test_what_was_kept_here_is_sent_once_there_is_a_route(console, settings):
    settings.RELAY_URL = ""
    queue_id = make_mail()
    attempt_all("relayed", route="mailbox", reason_code="no-smarthost", keep_in_mailbox=True)
    assert "No route leads out yet" in page(console, "send-again", of="mail", queue_id=queue_id)
    settings.RELAY_URL = "smtp://mail.example.net"
    text = page(console, "send-again", of="mail", queue_id=queue_id)
    assert "may get it twice" not in text
    act(console, "send-again", of="mail", queue_id=queue_id)
    _, (leased,) = lease_all()
    assert leased.recipient == "anna@example.org"


@pytest.fixture
def hints(settings, monkeypatch):
    """What relays hear on Redis, but for what other tests send there at the same moment."""
    monkeypatch.setattr(wake, "CHANNEL", f"{wake.CHANNEL}:{os.getpid()}")
    with redis.Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as subscription:
        subscription.subscribe(wake.CHANNEL)
        wait_for(lambda: subscription.get_message(timeout=1))

        def heard():
            message = subscription.get_message(timeout=1)
            return message["data"].decode() if message else None

        yield heard


def test_relays_are_woken_for_the_lanes_that_have_something_to_do(
    console, hints, django_capture_on_commit_callbacks
):
    make_mail(mail_type="batch", recipients=["a@example.org", "b@example.org"])
    Delivery.objects.update(state="held")
    with django_capture_on_commit_callbacks(execute=True):
        act(console, "release", of="found")
    assert hints() == "batch"
    with django_capture_on_commit_callbacks(execute=True):
        act(console, "cancel", of="found")
    assert hints() is None


def test_a_retry_tells_relays_to_leave_no_destination_alone(
    console, hints, django_capture_on_commit_callbacks
):
    make_mail(recipients=["a@example.org"])
    Delivery.objects.update(next_attempt_at=timezone.now() + timedelta(hours=1))
    with django_capture_on_commit_callbacks(execute=True):
        act(console, "retry", of="found")
    assert hints() == f"{wake.RELEASE_HOLDS},trigger"
