"""The Policies page, and changing a policy with a look at what changes."""

import html
import re

import pytest
from django.test import Client

from senders.models import AuditEntry, MailTypePolicy, SenderAddress
from tests.senders.deciding import decide
from tests.senders.factories import HTMX, log_in, make_sender, make_verified_sender, reread

pytestmark = pytest.mark.django_db
BATCH = "/policies/batch/"
TRIGGER = "/policies/trigger/"


@pytest.fixture(autouse=True)
def _rows_are_there() -> None:
    """A test that commits may have emptied the tables."""
    decide("trigger")
    decide("batch")


@pytest.fixture
def admin() -> Client:
    return log_in(Client(), "admin")


def form(**changes: str) -> dict[str, str]:
    """As the page of Batch Mail has it at first."""
    return {
        "address_per_hour": "5000",
        "address_per_day": "50000",
        "organisation_per_hour": "50000",
        "organisation_per_day": "500000",
        "window_time_zone": "UTC",
        "unsubscribe": "one-click",
        **changes,
    }


def text(response) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def test_both_policies_are_shown_in_sentences(admin):
    shown = text(admin.get("/policies/"))
    assert "Each address may send to 5,000 recipients an hour and 50,000 a day." in shown
    assert "Each address may send to 500,000 recipients an hour and 5,000,000 a day." in shown
    assert "Each recipient gets links to unsubscribe, by one click too." in shown
    assert "One recipient gets at most" not in shown  # off where tests run


def test_the_form_shows_what_holds(admin):
    page = admin.get(BATCH).content.decode()
    assert 'name="address_per_hour" value="5000"' in page
    assert "Empty: 72 hours, as the settings say." in page
    assert "takes_lifetime_header" not in page
    assert "pace_per_minute" not in admin.get(TRIGGER).content.decode().replace(
        "bulk_pace_per_minute", ""
    )


def test_http_is_told_where_links_for_one_click_are_added(admin, settings):
    said = "One click does not work yet"
    settings.PUBLIC_URL = "http://mail.example.com"
    assert said in text(admin.get("/policies/"))
    settings.PUBLIC_URL = "https://mail.example.com"
    assert said not in text(admin.get("/policies/"))
    settings.PUBLIC_URL = "http://mail.example.com"
    decide("batch", unsubscribe="none")
    assert said not in text(admin.get("/policies/"))


def test_what_changes_is_told_before_it_is_saved(admin):
    response = admin.post(BATCH, form(address_per_hour="3000", pace_per_minute="60"))
    assert response.status_code == 200
    shown = text(response)
    assert "Each address may send to 5,000 recipients an hour and 50,000 a day." in shown
    assert "Each address may send to 3,000 recipients an hour and 50,000 a day." in shown
    assert "Each address sends to at most 60 recipients a minute" in shown
    assert "in the lane for Batch Mail" not in shown
    assert MailTypePolicy.objects.get(pk="batch").address_per_hour == 5_000


def test_once_confirmed_it_is_saved_and_in_the_audit_log(admin):
    response = admin.post(
        BATCH, form(address_per_hour="3000", lifetime_hours="1.5", confirmed="yes")
    )
    assert (response.status_code, response["Location"]) == (302, "/policies/")
    row = MailTypePolicy.objects.get(pk="batch")
    assert (row.address_per_hour, row.lifetime.total_seconds()) == (3_000, 5_400)
    entry = AuditEntry.objects.get(action="policy.changed")
    assert entry.before == {"address_per_hour": 5_000, "lifetime": None}
    assert entry.after == {"address_per_hour": 3_000, "lifetime": "1:30:00"}


def test_the_page_between_carries_everything_that_was_entered(admin):
    sent = form(address_per_hour="3000", window_opens="08:00", window_closes="20:00")
    page = admin.post(BATCH, sent).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    # The account menu's form has one too.
    fields = {name: value for name, value in fields.items() if name in {*sent, "confirmed"}}
    assert fields == {**sent, "confirmed": "yes"}
    assert admin.post(BATCH, fields).status_code == 302
    assert f"{MailTypePolicy.objects.get(pk='batch').window_opens:%H:%M}" == "08:00"


def test_where_nothing_changes_nothing_is_to_be_saved(admin):
    response = admin.post(BATCH, form())
    assert "Nothing changes" in text(response)
    assert 'name="confirmed"' not in response.content.decode()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"address_per_day": "10"}, "A day cannot have fewer than an hour."),
        ({"organisation_per_hour": "10"}, "All addresses together cannot have fewer than one."),
        ({"max_recipients": "5000"}, "At most 100, as the setting MAX_RECIPIENTS says."),
        ({"window_opens": "08:00"}, "Give both times, or leave both empty."),
        (
            {"window_opens": "08:00", "window_closes": "08:00"},
            "It has to be another time than the beginning.",
        ),
        (
            {"retry_first_minutes": "60", "retry_longest_minutes": "5"},
            "It cannot be shorter than the first pause.",
        ),
        ({"retry_longest_minutes": "1"}, "It cannot be shorter than the first pause."),
        ({"address_per_hour": "0"}, "greater than or equal to 1"),
        ({"address_per_hour": "many"}, "Enter a whole number."),
        ({"lifetime_hours": "0"}, "greater than or equal to 0.02"),
        ({"window_time_zone": "Moon/Base"}, "Select a valid choice."),
        ({"unsubscribe": "never"}, "Select a valid choice."),
    ],
    ids=[
        "day-below-hour", "all-below-one", "beyond-the-setting", "half-a-window", "no-window",
        "pauses", "pause-of-the-settings", "zero", "words", "no-lifetime", "zone", "unsubscribe",
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_at_its_field(admin, settings, changes, problem):
    settings.MAX_RECIPIENTS = 100
    response = admin.post(BATCH, form(confirmed="yes", **changes))
    assert response.status_code == 422
    assert problem in text(response)
    assert not AuditEntry.objects.filter(action="policy.changed").exists()


def test_trigger_mail_has_no_pace_whatever_is_sent(admin):
    sent = {**form(), "pace_per_minute": "5", "bulk_pace_per_minute": "30", "confirmed": "yes"}
    assert admin.post(TRIGGER, sent).status_code == 302
    row = MailTypePolicy.objects.get(pk="trigger")
    assert (row.pace_per_minute, row.bulk_pace_per_minute) == (None, 30)
    assert (row.unsubscribe, row.takes_lifetime_header) == ("none", False)


def test_who_creates_an_address_reads_what_its_type_may(admin):
    decide("batch", address_per_hour=700)
    shown = text(admin.get("/sender-addresses/create/"))
    assert "Each address may send to 700 recipients an hour and 50,000 a day." in shown
    assert "No links to unsubscribe are added." in shown


def test_what_becomes_of_reply_to_is_chosen_and_audited():
    operator = log_in(Client(), "operator")
    sender = make_verified_sender()
    url = f"/sender-addresses/{sender.pk}/reply-to/smtp/"
    assert "It is never touched, whatever it says." in text(operator.get(url))
    response = operator.post(url, {"reply_to_on_smtp": "require"}, headers=HTMX)
    assert response.status_code == 204
    assert reread(sender).reply_to_on_smtp == "require"
    entry = AuditEntry.objects.get(action="sender_address.reply_to_on_smtp_changed")
    assert (entry.before, entry.after) == (
        {"reply_to_on_smtp": "original"},
        {"reply_to_on_smtp": "require"},
    )
    page = text(operator.get(f"/sender-addresses/{sender.pk}/"))
    assert "Mail submitted by SMTP may state no other Reply-To: it is refused otherwise." in page


def test_a_choice_that_is_none_is_refused():
    operator, sender = log_in(Client(), "operator"), make_sender()
    url = f"/sender-addresses/{sender.pk}/reply-to/smtp/"
    assert operator.post(url, {"reply_to_on_smtp": "forge"}).status_code == 422
    assert SenderAddress.objects.get(pk=sender.pk).reply_to_on_smtp == "original"
    assert "has no verified reply-to" in text(operator.get(url))


def test_from_the_look_at_it_a_way_leads_back_with_what_was_typed(admin):
    sent = form(address_per_hour="3000", pace_per_minute="6", window_opens="08:00")
    sent["window_closes"] = "20:00"
    page = admin.post(BATCH, sent).content.decode()
    assert re.search(r'<button [^>]*name="again" value="yes"', page)
    # The page between says "confirmed" with each of its buttons.
    again = admin.post(BATCH, {**sent, "confirmed": "yes", "again": "yes"})
    assert again.status_code == 200
    shown = again.content.decode()
    for name, value in sent.items():
        if name not in {"window_time_zone", "unsubscribe"}:
            assert re.search(rf'name="{name}" value="{value}"', shown), name
    assert "aria-invalid" not in shown
    assert MailTypePolicy.objects.get(pk="batch").address_per_hour == 5_000
    assert not AuditEntry.objects.filter(action="policy.changed").exists()


def seen_on(page):
    return re.search(r'name="seen" value="(\w+)"', page.content.decode())[1]


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}], ids=["review", "save"])
def test_a_form_from_before_a_change_does_not_undo_it(admin, confirmed):
    seen = seen_on(admin.get(BATCH))
    admin.post(BATCH, form(address_per_hour="4000", confirmed="yes", seen=seen))
    stale = form(pace_per_minute="60", seen=seen)
    response = admin.post(BATCH, {**stale, **confirmed})
    assert response.status_code == 409
    shown = text(response)
    assert "Somebody changed this meanwhile" in shown
    assert "Recipients an hour, of each address: 4000" in shown
    assert "Recipients a minute, of each address: empty" in shown
    assert "Recipients a day, of each address: 50000" not in shown
    row = MailTypePolicy.objects.get(pk="batch")
    assert (row.address_per_hour, row.pace_per_minute) == (4_000, None)
    again = {**stale, "seen": seen_on(response), "confirmed": "yes"}
    assert admin.post(BATCH, again).status_code == 302
    assert MailTypePolicy.objects.get(pk="batch").pace_per_minute == 60


def test_the_page_between_carries_what_was_seen(admin):
    seen = seen_on(admin.get(BATCH))
    review = admin.post(BATCH, form(address_per_hour="4000", seen=seen))
    assert seen_on(review) == seen
