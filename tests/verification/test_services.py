"""Request, cool-down, link and proof; also when two people act at once."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.verification.factories import make_requested, make_verification
from verification import services
from verification.models import MailState, Verification
from verification.services import AlreadyVerified, Refusal, TooSoon

NOW = timezone.now()
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def at_once(act: Callable[[], object], *, times: int = 2) -> list[object]:
    """Results (or exceptions) of `act` started in threads of their own at the same moment."""
    barrier, results = threading.Barrier(times), []

    def run() -> None:
        barrier.wait(5)
        try:
            results.append(act())
        except (TooSoon, AlreadyVerified) as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return results


@pytest.mark.django_db
def test_a_confirmed_link_proves_the_mailbox() -> None:
    verification, link = make_requested(NOW)
    assert services.confirm(link, now=NOW + MINUTE) == (verification, None)
    verification.refresh_from_db()
    assert verification.state(NOW) == "verified"
    assert services.confirm(link, now=NOW + MINUTE)[1] is Refusal.USED


@pytest.mark.django_db
def test_a_link_is_valid_for_ten_minutes() -> None:
    verification, link = make_requested(NOW)
    assert services.look_up(link, now=NOW + 10 * MINUTE - SECOND)[1] is None
    assert services.confirm(link, now=NOW + 10 * MINUTE)[1] is Refusal.EXPIRED
    assert verification.state(NOW + 10 * MINUTE - SECOND) == "sending"
    assert verification.state(NOW + 10 * MINUTE) == "expired"
    assert not verification.is_proven


@pytest.mark.django_db
def test_a_newer_request_supersedes_the_older_link() -> None:
    verification, old = make_requested(NOW)
    services.request_link(verification, now=NOW + 10 * MINUTE)
    assert services.confirm(old, now=NOW + 11 * MINUTE)[1] is Refusal.SUPERSEDED


@pytest.mark.django_db
def test_the_next_request_waits_for_ten_minutes() -> None:
    verification, _ = make_requested(NOW)
    with pytest.raises(TooSoon) as refused:
        services.request_link(verification, now=NOW + 10 * MINUTE - SECOND)
    assert refused.value.again_at == NOW + 10 * MINUTE
    assert verification.next_request_at(NOW + 10 * MINUTE) is None
    services.request_link(verification, now=NOW + 10 * MINUTE)


@pytest.mark.django_db
def test_what_is_proven_is_not_asked_again() -> None:
    verification, link = make_requested(NOW)
    services.confirm(link, now=NOW)
    with pytest.raises(AlreadyVerified):
        services.request_link(verification, now=NOW + 20 * MINUTE)


@pytest.mark.django_db
def test_a_link_of_a_deleted_verification_is_superseded() -> None:
    verification, link = make_requested(NOW)
    verification.delete()
    assert services.confirm(link, now=NOW) == (None, Refusal.SUPERSEDED)


@pytest.mark.django_db
def test_a_link_of_another_verification_proves_nothing_here() -> None:
    _first, link = make_requested(NOW)
    other, _ = make_requested(NOW, mailbox="other@example.com")
    services.confirm(link, now=NOW)
    other.refresh_from_db()
    assert not other.is_proven


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mail_state", "shown"),
    [
        (MailState.NONE, "sending"),
        (MailState.QUEUED, "sending"),
        (MailState.DEFERRED, "sending"),
        (MailState.RELAYED, "sent"),
        (MailState.FAILED, "not_sent"),
    ],
)
def test_how_far_the_mail_came_is_shown(mail_state: MailState, shown: str) -> None:
    verification, _ = make_requested(NOW)
    Verification.objects.update(mail_message_id="<1@x>")
    services.record_mail_state(message_id="<1@x>", state=mail_state, problem="550 no")
    verification.refresh_from_db()
    assert (verification.state(NOW), verification.mail_problem) == (shown, "550 no")


@pytest.mark.django_db
def test_the_state_of_a_mail_without_message_id_is_nobodys() -> None:
    verification, _ = make_requested(NOW)
    services.record_mail_state(message_id="", state=MailState.FAILED, problem="550 no such user")
    verification.refresh_from_db()
    assert (verification.mail_state, verification.mail_problem) == (MailState.NONE, "")


@pytest.mark.django_db
def test_a_new_request_forgets_the_problem_of_the_last_mail() -> None:
    verification, _ = make_requested(NOW)
    Verification.objects.update(mail_state=MailState.FAILED, mail_problem="550 no such user")
    services.request_link(verification, now=NOW + 10 * MINUTE)
    assert (verification.state(NOW + 10 * MINUTE), verification.mail_problem) == ("sending", "")


@pytest.mark.django_db(transaction=True)
def test_of_simultaneous_requests_one_wins() -> None:
    pk = make_verification().pk

    def ask() -> None:
        services.request_link(Verification.objects.get(pk=pk), now=NOW)

    results = at_once(ask, times=4)
    assert sorted(type(result).__name__ for result in results) == ["NoneType"] + 3 * ["TooSoon"]


@pytest.mark.django_db(transaction=True)
def test_of_simultaneous_confirmations_one_proves() -> None:
    _, link = make_requested(NOW)
    results = at_once(lambda: services.confirm(link, now=NOW)[1], times=4)
    assert results.count(None) == 1
    assert results.count(Refusal.USED) == 3


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_that_runs_beside_a_confirmation_leaves_no_proof() -> None:
    verification, link = make_requested(NOW)
    acts = iter(
        [
            lambda: services.confirm(link, now=NOW),
            lambda: services.withdraw(Verification.objects.get(pk=verification.pk)),
        ]
    )
    at_once(lambda: next(acts)())
    verification.refresh_from_db()
    assert not verification.is_proven
