"""Mail of DirectMail's own is in the language of whoever asks, or of the account it is about."""

import re
from collections.abc import Iterator

import pytest
from django.core.mail import EmailMultiAlternatives
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from directmail.accounts.notices import tell_of_reset
from directmail.accounts.password_reset import mail_reset_link
from directmail.celery import app
from tests.directmail.accounts.acting import make_operator
from tests.directmail.words import pseudo
from tests.directmail.words.unmarked import unmarked_texts
from tests.senders.factories import make_sender

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_brackets")]
Mails = list[EmailMultiAlternatives]


@pytest.fixture
def work_at_once() -> Iterator[None]:
    """Tasks run where they are asked for."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def forgotten_in(mail: EmailMultiAlternatives) -> list[str]:
    text = re.sub(r"\s+", " ", f"{mail.subject} {mail.body}")
    html = [str(each.content) for each in mail.alternatives]
    return [each for part in (text, *html) for each in unmarked_texts(part)]


@pytest.fixture
def asking(client: Client) -> Client:
    client.force_login(
        make_operator(
            "ann@example.com", role="admin", language=pseudo.CODE, last_seen_at=timezone.now()
        )
    )
    return client


def ask(console: Client, path: str, **fields: str) -> HttpResponse:
    return console.post(path, fields)


def test_a_verification_is_asked_for_in_the_operators_language(
    asking: Client,
    mailoutbox: Mails,
    work_at_once: None,
    django_capture_on_commit_callbacks: pytest.FixtureRequest,
) -> None:
    sender = make_sender("app@example.com", reply_to="help@example.com")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        ask(asking, f"/sender-addresses/{sender.pk}/reply-to/verify/")
    (mail,) = mailoutbox
    assert pseudo.OPENS in mail.subject
    assert forgotten_in(mail) == []


def test_an_invitation_is_in_the_language_of_whoever_invites(
    asking: Client,
    mailoutbox: Mails,
    work_at_once: None,
    django_capture_on_commit_callbacks: pytest.FixtureRequest,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        ask(asking, "/people/invite/", email="new@example.com", role="viewer")
    (mail,) = mailoutbox
    assert pseudo.OPENS in mail.subject
    assert forgotten_in(mail) == []


def test_a_reset_and_a_notice_are_in_the_language_of_the_account(mailoutbox: Mails) -> None:
    operator = make_operator("bob@example.com", language=pseudo.CODE)
    mail_reset_link(operator.email)
    tell_of_reset(operator)
    assert [mail.subject.startswith(pseudo.OPENS) for mail in mailoutbox] == [True, True]
    assert [forgotten_in(mail) for mail in mailoutbox] == [[], []]
