"""The policy of a mail type in words, from the settings that are in force."""

from datetime import time, timedelta

import pytest
from pytest_django import Settings

from senders.durations import in_words
from senders.policies.reading import policy_of
from senders.policies.wording import Change, changes, rules_of
from tests.senders.deciding import decide

pytestmark = pytest.mark.django_db
TRIGGER, BATCH = "trigger", "batch"


@pytest.fixture(autouse=True)
def _defaults(settings: Settings) -> None:
    settings.MAIL_LIFETIME = {TRIGGER: timedelta(hours=24), BATCH: timedelta(hours=72)}
    settings.RETRY_FIRST = {TRIGGER: timedelta(minutes=1), BATCH: timedelta(minutes=5)}
    settings.RETRY_MAX = {TRIGGER: timedelta(hours=1), BATCH: timedelta(hours=4)}
    settings.DELAY_WARNING = timedelta(hours=4)
    settings.MAX_RECIPIENTS, settings.MAX_MESSAGE_BYTES = 100, 15 * 1024 * 1024
    settings.SAME_RECIPIENT_MAX_MAILS = 50


def sentences(mail_type: str) -> list[str]:
    return [rule.sentence for rule in rules_of(policy_of(mail_type))]


def test_batch_mail_in_sentences() -> None:
    assert sentences(BATCH) == [
        "Its mail goes out in the lane for Batch Mail, which never delays Trigger Mail.",
        "Each address may send to 5,000 recipients an hour and 50,000 a day.",
        "All addresses of this type together may send to 50,000 an hour and 500,000 a day.",
        "What is accepted leaves at once, at any pace.",
        "What cannot be relayed at once is tried again for 72 hours: first after 5 minutes, then "
        "less and less often, at most 4 hours apart.",
        "Mail that still waits after 4 hours is reported as delayed.",
        "One mail has at most 100 recipients.",
        "One recipient gets at most 50 mails of an address within 5 minutes.",
        "One mail has at most 15.0\xa0MB.",
        "Each recipient gets links to unsubscribe, by one click too.",
        "It may only send as this very address, in the envelope and in From.",
    ]


def test_trigger_mail_in_sentences() -> None:
    shown = sentences(TRIGGER)
    assert shown[0] == ("Its mail goes out in the lane for Trigger Mail, which no mailing delays.")
    assert shown[4:8] == [
        "An address whose mail looks like Batch Mail is pointed out on its page.",
        "What cannot be relayed at once is tried again for 24 hours: first after 1 minute, then "
        "less and less often, at most 1 hour apart.",
        "Mail that still waits after 4 hours is reported as delayed.",
        "A mail that is soon worthless, such as a one-time code, may ask for a shorter lifetime.",
    ]
    assert "No links to unsubscribe are added." in shown


def test_changed_settings_change_the_sentences(settings: Settings) -> None:
    settings.MAIL_LIFETIME = dict.fromkeys((TRIGGER, BATCH), timedelta(hours=3))
    settings.RETRY_FIRST = dict.fromkeys((TRIGGER, BATCH), timedelta(minutes=10))
    settings.RETRY_MAX = settings.RETRY_FIRST
    settings.MAX_RECIPIENTS, settings.SAME_RECIPIENT_MAX_MAILS = 1, 0
    shown = sentences(BATCH)
    assert "What cannot be relayed at once is tried again for 3 hours, 10 minutes apart." in shown
    assert "One mail has at most 1 recipient." in shown
    assert not any(sentence.startswith("One recipient gets") for sentence in shown)
    # It ends before it would be reported as late.
    assert not any("delayed" in sentence for sentence in shown)


@pytest.mark.parametrize(
    ("decided", "sentence"),
    [
        (
            {"address_per_hour": None, "address_per_day": None},
            "Each address may send to as many recipients as it likes.",
        ),
        ({"address_per_hour": None}, "Each address may send to 50,000 recipients a day."),
        ({"address_per_day": None}, "Each address may send to 5,000 recipients an hour."),
        (
            {"organisation_per_day": None},
            "All addresses of this type together may send to 50,000 an hour.",
        ),
        (
            {"pace_per_minute": 1},
            "Each address sends to at most 1 recipient a minute; the others wait their turn.",
        ),
        (
            {"window_opens": time(8), "window_closes": time(20, 30)},
            "Mail leaves from 08:00 to 20:30 only (UTC).",
        ),
        ({"unsubscribe": "none"}, "No links to unsubscribe are added."),
    ],
    ids=["no-quota", "day", "hour", "all-hour", "pace", "window", "unsubscribe"],
)
def test_what_an_admin_decided_is_told(decided: dict[str, object], sentence: str) -> None:
    decide(BATCH, **decided)
    assert sentence in sentences(BATCH)


def test_a_change_tells_what_is_different_only() -> None:
    before = policy_of(BATCH)
    decide(BATCH, max_recipients=7, window_opens=time(8), window_closes=time(20))
    assert changes(before, policy_of(BATCH)) == [
        Change("", "Mail leaves from 08:00 to 20:00 only (UTC)."),
        Change("One mail has at most 100 recipients.", "One mail has at most 7 recipients."),
    ]
    assert [change.after for change in changes(policy_of(BATCH), before)] == [
        "One mail has at most 100 recipients.",
        "",
    ]


def test_no_report_of_delays_is_promised_where_none_is_made(settings: Settings) -> None:
    settings.DELAY_WARNING = None
    assert not any("delayed" in sentence for sentence in sentences(BATCH))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (72 * 3600, "72 hours"),
        (3600, "1 hour"),
        (5400, "90 minutes"),
        (60, "1 minute"),
        (61, "61 seconds"),
        (1, "1 second"),
        (0, "0 seconds"),
    ],
)
def test_durations_are_exact(seconds: int, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words
