"""Celery's part in the gateway: reports to senders, counting, resealing, and forgetting."""

import time

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from senders.standing.keeping import keep_allowances
from smtp_gateway import findings, queue_survey
from smtp_gateway.bulk import watching as watching_bulk
from smtp_gateway.queue import forgetting
from smtp_gateway.quota import tending
from smtp_gateway.relay_transcripts import keeping
from smtp_gateway.reports import delays, reporter
from smtp_gateway.returns import acting as returned
from smtp_gateway.rollups import rebuilding, rolling
from smtp_gateway.routes import resealing
from smtp_gateway.smtp_sessions import store
from smtp_gateway.standing import computing, watching
from smtp_gateway.suppressing import feeding

_ROUNDS = 50
# A walk that takes longer goes on in a task of its own, so that others get their turn.
_WALK_SECONDS = 10.0


@shared_task
def make_due_reports() -> None:
    """Tells senders what became of their mail. Several at once share the work."""
    for _ in range(_ROUNDS):
        if not reporter.make_due_reports():
            return


@shared_task
def suppress_failed_recipients() -> None:
    """Of what failed for good by its recipient's fault. Several at once share the work."""
    for _ in range(_ROUNDS):
        if not feeding.suppress_failed():
            return


@shared_task
def read_returned_mail() -> None:
    """Bounces and complaints that came back. Several at once share the work."""
    deadline = time.monotonic() + _WALK_SECONDS
    while returned.read_next():
        if time.monotonic() > deadline:
            read_returned_mail.delay()
            return


@shared_task
def forget_returned_mail() -> None:
    """The bytes first, what was read of them with the history of mail."""
    now = timezone.now()
    returned.forget(
        contents_before=now - settings.RETURNED_CONTENT_LIFETIME,
        history_before=now - settings.MAIL_HISTORY_LIFETIME,
    )


@shared_task
def find_delayed_mail() -> None:
    """Has senders warned of what waits for long."""
    delays.find_delayed_mail()


@shared_task
def look_for_bulk() -> None:
    """Points out trigger addresses whose mail looks like bulk."""
    watching_bulk.look(timezone.now())


@shared_task
def tend_quotas() -> None:
    """What workers held that were killed comes back, also where nobody asks for it."""
    tending.give_back_of_dead()
    tending.forget_old(timezone.now())


@shared_task
def roll_up_counts() -> None:
    """Counts what happened since the last time. Several at once do not disturb each other."""
    rolling.catch_up(seconds=_WALK_SECONDS)


@shared_task
def survey_queue() -> None:
    """Looks at a queue that is too long for a page to wait for."""
    queue_survey.store_if_long()


@shared_task
def forget_old_counts() -> None:
    """Hours after weeks, days after years."""
    for _ in range(_ROUNDS):
        if not rolling.forget_old(timezone.now()):
            return


@shared_task
def reseal_route_passwords() -> None:
    """A former SECRET_KEY is a fallback for a while only: no password may need it by then."""
    resealing.reseal_passwords()


@shared_task
def prune_smtp_sessions() -> None:
    """What each gateway process keeps of an address is bounded already; this bounds all of them."""
    oldest = timezone.now() - settings.SMTP_SESSION_LIFETIME
    store.prune(before=oldest, most=settings.SMTP_SESSIONS_KEPT)


@shared_task
def forget_relay_transcripts() -> None:
    """What was said to next hops is forgotten sooner than the mails that it was about."""
    for _ in range(_ROUNDS):
        if not keeping.forget_transcripts():
            return


@shared_task
def empty_mailbox() -> None:
    """Mails leave the local mailbox; their content goes with the next walk."""
    before = timezone.now() - settings.MAILBOX_LIFETIME
    for _ in range(_ROUNDS):
        if not forgetting.forget_caught(before=before):
            return


@shared_task
def forget_contents(after: int = 0) -> None:
    """The bytes of mails that have ended, from those behind that message id on."""
    before = timezone.now() - settings.MAIL_CONTENT_LIFETIME
    walked = forgetting.walk(
        lambda behind: forgetting.forget_contents(before=before, after=behind),
        after=after,
        seconds=_WALK_SECONDS,
    )
    if walked.after is not None:
        forget_contents.delay(walked.after)


@shared_task
def forget_history(after: int = 0) -> None:
    """Mails that ended long ago, from those behind that message id on, and what was refused."""
    before = timezone.now() - settings.MAIL_HISTORY_LIFETIME
    forgetting.forget_refused(before=before)
    # Nothing goes that is not counted yet.
    rolling.catch_up(seconds=_WALK_SECONDS)
    if (counted_until := rolling.counted_until()) is None:
        return
    before = min(before, counted_until)
    walked = forgetting.walk(
        lambda behind: forgetting.forget_history(before=before, after=behind),
        after=after,
        seconds=_WALK_SECONDS,
    )
    if walked.forgotten:
        findings.store({rebuilding.FORGOTTEN: before.isoformat()})
    if walked.after is not None:
        forget_history.delay(walked.after)


@shared_task
def watch_standings() -> None:
    """Alarms and brakes by what is counted, and the levels that are due today."""
    now = timezone.now()
    computing.add_rows()
    computing.begin_warm_ups()
    watching.watch(now)
    for _ in range(_ROUNDS):
        if not computing.compute_due(now):
            break
    keep_allowances(now)
