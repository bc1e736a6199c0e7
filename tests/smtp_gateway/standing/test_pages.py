"""The pages about standings."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from senders.models import AuditEntry, SenderAddress, Standing, StandingLevel
from senders.policies.policy import Limits
from senders.standing.reading import limits_by_level
from senders.standing.warming import plans
from smtp_gateway.standing import computing, watching
from tests.senders.deciding import decide
from tests.senders.domains.factories import make_domain
from tests.senders.factories import HTMX, log_in, make_sender
from tests.smtp_gateway.queued import enqueue
from tests.smtp_gateway.standing.counted import count_day

pytestmark = pytest.mark.django_db

A = "a@example.com"


@pytest.fixture
def admin(client: Client) -> Client:
    return log_in(client)


def braked(mail_type: str = "batch") -> SenderAddress:
    sender, now = make_sender(A, mail_type=mail_type), timezone.now()
    count_day(A, now, relayed=1_202, hard_bounces=70)
    watching.watch(now)
    return sender


def page(client: Client, sender: SenderAddress) -> str:
    return client.get(f"/sender-addresses/{sender.pk}/standing/").text


def test_a_new_address_is_neutral_and_says_so(admin: Client) -> None:
    text = page(admin, make_sender())
    assert "Neutral" in text
    assert "Nothing is computed yet" in text
    assert "The level has not changed yet" in text


def test_a_change_is_explained_with_its_numbers(admin: Client) -> None:
    sender, now = make_sender(A), timezone.now()
    count_day(A, now, relayed=1_200, hard_bounces=40)
    computing.add_rows()
    computing.compute_due(now)
    text = page(admin, sender)
    assert "Down from level 5 to 3" in text
    assert "3.2 % of 1,240 mails were refused because the mailbox does not exist." in text
    assert "\N{MINUS SIGN}2" in text


def test_a_brake_says_what_it_means_and_what_to_do(admin: Client) -> None:
    text = page(admin, braked())
    assert "no mail of this address is accepted for now" in text
    assert "5.5 % of 1,272 mails in 24 hours were refused" in text
    assert "Remove the addresses that do not exist" in text
    assert "Release the brake" in text


def test_trigger_mail_has_a_pace_only_where_it_looks_like_bulk(admin: Client) -> None:
    sender = braked("trigger")
    decide("trigger", bulk_pace_per_minute=6)
    assert "<dt>Pace in a minute</dt><dd>no limit</dd>" in page(admin, sender)
    SenderAddress.objects.update(bulk_since=timezone.now(), bulk_evidence={})
    assert "<dt>Pace in a minute</dt><dd>6</dd>" in page(admin, sender)


def test_only_admins_are_offered_the_release(client: Client) -> None:
    sender = braked("trigger")
    text = page(log_in(client, "operator"), sender)
    assert "this address may send very little for now" in text
    assert "standing/release/" not in text


def test_an_admin_releases_the_brake(admin: Client) -> None:
    sender = braked()
    url = f"/sender-addresses/{sender.pk}/standing/release/"
    assert admin.post(url, {"reason": ""}).status_code == 422
    answer = admin.post(url, {"reason": "The list is clean."}, follow=True)
    assert "The brake of a@example.com is released." in answer.text
    assert "The list is clean." in answer.text
    assert Standing.objects.get().brake == ""


def test_an_admin_caps_and_fixes_a_level_with_a_reason(admin: Client) -> None:
    sender = make_sender(A)
    url = f"/sender-addresses/{sender.pk}/standing/limit/"
    assert admin.post(url, {"way": "cap", "level": "", "reason": "x"}).status_code == 422
    assert admin.post(url, {"way": "cap", "level": "3", "reason": ""}).status_code == 422
    assert not Standing.objects.filter(cap=3).exists()
    answer = admin.post(url, {"way": "cap", "level": "3", "reason": "new shop"}, headers=HTMX)
    assert answer.status_code == 204
    assert Standing.objects.get().shown_level == 3
    assert "new shop" in page(admin, sender)
    admin.post(url, {"way": "fixed", "level": "9", "reason": "known"})
    assert Standing.objects.get().shown_level == 9
    admin.post(url, {"way": "numbers", "level": "9", "reason": ""})
    assert Standing.objects.get().shown_level == 5
    actions = AuditEntry.objects.filter(action="sender_address.level_limited")
    assert actions.order_by("id")[0].after == {"cap": 3, "reason": "new shop"}
    assert actions.count() == 3


def test_a_warm_up_is_a_plan_with_today_marked(admin: Client) -> None:
    make_domain("example.com", state="verified")
    sender = make_sender(A)
    began_at = timezone.now() - timedelta(days=2)
    Standing.objects.create(sender=sender, warm_up_began_at=began_at)
    text = page(admin, sender)
    assert "day 3 of 28 allows 780 mails." in text
    assert text.count('aria-current="date"') == 1
    assert "today" in text.split('aria-current="date"')[1][:200]


def test_the_address_and_its_list_show_the_level(admin: Client) -> None:
    sender = braked()
    for url in ("/sender-addresses/", f"/sender-addresses/{sender.pk}/"):
        assert "Level 1 · Braked" in admin.get(url).text


def test_numbers_are_tried_out_without_a_script(admin: Client) -> None:
    answer = admin.get("/standings/what-if/?relayed=1200&given_up=40&hard_bounces=38&age_days=100")
    assert "3.1 % of 1,240 mails were refused because the mailbox does not exist." in answer.text
    assert "<strong>5</strong>" in answer.text
    assert "None of 1,200 mails was complained about." in answer.text


def test_numbers_of_an_address_stand_in_the_form_to_begin_with(admin: Client) -> None:
    sender = make_sender(A)
    count_day(A, timezone.now(), relayed=345)
    text = admin.get(f"/standings/what-if/?sender={sender.pk}").text
    assert 'value="345"' in text
    assert A in text


@pytest.mark.parametrize(
    "query", ["relayed=x", "relayed=-1", "relayed=9999999999999", "sender=x&relayed=%00"]
)
def test_what_is_no_number_is_said_at_its_field(admin: Client, query: str) -> None:
    answer = admin.get(f"/standings/what-if/?{query}")
    assert answer.status_code == 422
    assert "Enter a whole number, 0 or more." in answer.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("relayed=100&hard_bounces=900", "Enter no more than bounced, expired or came back: 0."),
        ("relayed=100&came_back=101", "Enter no more than were relayed: 100."),
        ("relayed=1000&complaints=1001", "Enter no more than were relayed: 1,000."),
        ("opt_outs=1", "Enter no more than were relayed: 0."),
        ("days_sent=31", "Enter no more than 30: it looks no further back."),
    ],
    ids=["hard-bounces", "came-back", "complaints", "opt-outs", "days"],
)
def test_a_part_is_no_larger_than_its_whole(admin: Client, query: str, words: str) -> None:
    answer = admin.get(f"/standings/what-if/?{query}")
    assert answer.status_code == 422
    assert words in answer.text
    assert 'id="answer"' not in answer.text


def test_a_part_may_be_all_of_its_whole(admin: Client) -> None:
    query = "relayed=100&came_back=100&hard_bounces=150&given_up=50&complaints=100&opt_outs=100"
    assert admin.get(f"/standings/what-if/?{query}&days_sent=30").status_code == 200


def test_an_admin_changes_what_levels_allow(admin: Client) -> None:
    fields = {f"{name}_{level}": "7" for level in range(1, 11) for name in ("per_hour", "per_day")}
    assert admin.post("/standings/levels/", {**fields, "per_day_3": "x"}).status_code == 422
    assert not StandingLevel.objects.exists()
    text = admin.post("/standings/levels/", fields, follow=True).text
    assert "What levels allow is saved." in text
    assert limits_by_level()[3] == Limits(7, 7, None)
    entry = AuditEntry.objects.get(action="standing_levels.changed")
    assert (entry.before["level_1"], entry.after["level_1"]) == ("50 / 500 / 10", "7 / 7 / -")


def test_an_admin_changes_a_warm_up(admin: Client) -> None:
    url = "/standings/warm-up/domain/"
    for wrong in ("1 x", "0 5", "-1"):
        assert admin.post(url, {"days": wrong}).status_code == 422
    admin.post(url, {"days": "100, 200 400"})
    assert list(plans()["domain"]) == [100, 200, 400]
    assert admin.get("/standings/warm-up/else/").status_code == 404


def test_brakes_and_alarms_stand_on_one_page(admin: Client) -> None:
    braked()
    text = admin.get("/standings/").text
    assert "Brakes and alarms" in text
    assert A in text


def test_the_page_of_a_mail_shows_the_level_of_its_address(admin: Client) -> None:
    make_sender("app@example.com")
    queue_id = enqueue()
    assert "Level 5 · Neutral" in admin.get(f"/mail-log/{queue_id}/").text
    SenderAddress.objects.all().delete()
    assert admin.get(f"/mail-log/{queue_id}/").status_code == 200


def seen_on(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"')[0]


def test_levels_from_before_a_change_do_not_undo_it(admin: Client) -> None:
    url = "/standings/levels/"
    fields = {f"{name}_{level}": "7" for level in range(1, 11) for name in ("per_hour", "per_day")}
    seen = seen_on(admin.get(url).text)
    assert admin.post(url, {**fields, "seen": seen}).status_code == 302
    stale = admin.post(url, {**fields, "per_hour_3": "9", "seen": seen})
    assert stale.status_code == 409
    assert "Somebody changed this meanwhile" in stale.text
    assert "Level 3: In an hour: <bdi>7</bdi>" in stale.text
    assert stale.text.count(": <bdi>7</bdi>") == 1
    assert limits_by_level()[3] == Limits(7, 7, None)
    again = {**fields, "per_hour_3": "9", "seen": seen_on(stale.text)}
    assert admin.post(url, again).status_code == 302
    assert limits_by_level()[3] == Limits(9, 7, None)


def test_a_warm_up_from_before_a_change_does_not_undo_it(admin: Client) -> None:
    url = "/standings/warm-up/domain/"
    seen = seen_on(admin.get(url).text)
    admin.post(url, {"days": "100 200", "seen": seen})
    stale = admin.post(url, {"days": "5", "seen": seen})
    assert stale.status_code == 409
    assert "<bdi>100 200</bdi>" in stale.text
    assert list(plans()["domain"]) == [100, 200]
    assert admin.post(url, {"days": "5", "seen": seen_on(stale.text)}).status_code == 302
    assert list(plans()["domain"]) == [5]
