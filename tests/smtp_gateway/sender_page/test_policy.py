"""The policy of a mail type in words, from the settings that are in force."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from smtp_gateway.sender_page.durations import in_words
from smtp_gateway.sender_page.policy import rules_of

TRIGGER, BATCH = "trigger", "batch"


@pytest.fixture(autouse=True)
def _defaults(settings: Settings) -> None:
    settings.MAIL_LIFETIME = {TRIGGER: timedelta(hours=24), BATCH: timedelta(hours=72)}
    settings.RETRY_FIRST = {TRIGGER: timedelta(minutes=1), BATCH: timedelta(minutes=5)}
    settings.RETRY_MAX = {TRIGGER: timedelta(hours=1), BATCH: timedelta(hours=4)}
    settings.DELAY_WARNING = timedelta(hours=4)
    settings.MAX_RECIPIENTS, settings.MAX_MESSAGE_BYTES = 100, 15 * 1024 * 1024


def sentences(mail_type: str) -> list[str]:
    return [rule.sentence for rule in rules_of(mail_type)]


def test_batch_mail_in_sentences() -> None:
    assert sentences(BATCH) == [
        "Its mail goes out in the lane for Batch Mail, which never delays Trigger Mail.",
        "What cannot be relayed at once is tried again for 72 hours: first after 5 minutes, then "
        "less and less often, at most 4 hours apart.",
        "Mail that still waits after 4 hours is reported as delayed.",
        "One mail has at most 100 recipients.",
        "One mail has at most 15.0\xa0MB.",
        "It may only send as this very address, in the envelope and in From.",
    ]


def test_trigger_mail_in_sentences() -> None:
    assert sentences(TRIGGER)[:2] == [
        "Its mail goes out in the lane for Trigger Mail, which no mailing delays.",
        "What cannot be relayed at once is tried again for 24 hours: first after 1 minute, then "
        "less and less often, at most 1 hour apart.",
    ]


def test_changed_settings_change_the_sentences(settings: Settings) -> None:
    settings.MAIL_LIFETIME = {BATCH: timedelta(hours=3)}
    settings.RETRY_FIRST = settings.RETRY_MAX = {BATCH: timedelta(minutes=10)}
    settings.MAX_RECIPIENTS = 1
    shown = sentences(BATCH)
    assert shown[1] == (
        "What cannot be relayed at once is tried again for 3 hours, 10 minutes apart."
    )
    assert "One mail has at most 1 recipient." in shown
    # It ends before it would be reported as late.
    assert not any("delayed" in sentence for sentence in shown)


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
