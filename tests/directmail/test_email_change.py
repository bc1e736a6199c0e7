"""Another e-mail address for an account: by a link that only the new address was sent."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from directmail.email_change.links import Token, make_token
from directmail.email_change.tasks import send_email_change_mail, send_waiting_email_changes
from directmail.models import EmailChange, Operator
from directmail.roles import Role
from senders.audit.entry import AuditEntry
from tests.directmail.accounts.acting import PASSWORD, log_in, make_operator

pytestmark = pytest.mark.django_db
NEW = "new@example.com"


@pytest.fixture
def person(client: Client) -> Operator:
    made = make_operator("person@example.com")
    log_in(client, made)
    return made


def ask(client: Client, email: str = NEW, path: str = "/account/email/") -> int:
    """The status of the answer; the mails are in the outbox then."""
    status = client.post(path, {"email": email}).status_code
    send_waiting_email_changes()
    return status


def link() -> str:
    change = EmailChange.objects.get()
    return f"/email/{make_token(Token(change.pk, change.link_id))}/"


def mails_to(address: str) -> list[str]:
    return [str(sent.body) for sent in mail.outbox if sent.to == [address]]


def email_of(operator: Operator) -> str:
    operator.refresh_from_db()
    return operator.email


def can_log_in(email: str) -> bool:
    answer = Client().post("/login/", {"login": email, "password": PASSWORD})
    return answer.status_code == 302


def test_the_new_address_counts_once_its_owner_has_confirmed(
    client: Client, person: Operator, settings
) -> None:
    settings.PUBLIC_URL = "https://mail.example.com"
    assert ask(client, " New@Example.com") == 302
    assert email_of(person) == "person@example.com"
    (told,) = mails_to("person@example.com")
    assert NEW in told
    assert "/email/" not in told
    (sent,) = mails_to(NEW)
    found = re.search(r"https://mail\.example\.com(/email/\S+)", sent)
    assert found
    stranger = Client()
    page = stranger.get(found[1]).text
    assert "person@example.com" in page
    assert email_of(person) == "person@example.com"
    assert stranger.post(found[1]).status_code == 200
    assert email_of(person) == NEW
    assert "another, with which you log in" in mails_to("person@example.com")[-1]
    assert can_log_in(NEW)
    assert not can_log_in("person@example.com")
    assert client.get("/account/").status_code == 200


def test_a_link_works_once(client: Client, person: Operator) -> None:
    ask(client)
    path = link()
    Client().post(path)
    again = Client().post(path)
    assert again.status_code == 410
    assert "no longer counts" in again.text


def test_a_link_is_valid_for_a_day(client: Client, person: Operator) -> None:
    ask(client)
    EmailChange.objects.update(asked_at=timezone.now() - timedelta(hours=24))
    assert Client().post(link()).status_code == 410
    assert email_of(person) == "person@example.com"


def test_a_newer_wish_ends_the_link_of_a_former_one(client: Client, person: Operator) -> None:
    ask(client)
    former = link()
    ask(client, "other@example.com")
    assert Client().post(former).status_code == 410
    Client().post(link())
    assert email_of(person) == "other@example.com"


def test_a_wish_is_withdrawn(client: Client, person: Operator) -> None:
    ask(client)
    path = link()
    assert NEW in client.get("/account/").text
    assert client.post("/account/email/withdraw/").status_code == 302
    assert NEW not in client.get("/account/").text
    assert Client().post(path).status_code == 410


def test_an_altered_link_is_refused(client: Client, person: Operator) -> None:
    ask(client)
    assert Client().post(link().replace(":", "x", 1)).status_code == 400


def test_who_has_an_address_is_not_told(client: Client, person: Operator) -> None:
    make_operator("taken@example.com")
    free = client.post("/account/email/", {"email": "free@example.com"}, follow=True)
    taken = client.post("/account/email/", {"email": "taken@example.com"}, follow=True)
    said = taken.text.replace("taken@", "free@")
    assert taken.redirect_chain == free.redirect_chain
    assert re.findall(r"A mail with a link goes to [^<]+", said) == re.findall(
        r"A mail with a link goes to [^<]+", free.text
    )
    send_waiting_email_changes()
    assert mails_to("taken@example.com") == []


def test_an_address_that_was_taken_meanwhile_changes_nothing(
    client: Client, person: Operator
) -> None:
    ask(client)
    make_operator(NEW)
    answer = Client().post(link())
    assert answer.status_code == 409
    assert email_of(person) == "person@example.com"


def test_the_password_is_asked_for_again(client: Client, person: Operator) -> None:
    visitor = Client()
    visitor.force_login(person)
    for answer in (visitor.get("/account/email/"), visitor.post("/account/email/", {"email": NEW})):
        assert answer.headers["Location"].startswith("/account/confirm/")
    assert not EmailChange.objects.exists()


def test_an_admin_asks_for_somebody_and_its_owner_confirms(client: Client) -> None:
    somebody = make_operator("somebody@example.com")
    log_in(client, make_operator("admin@example.com", role=Role.ADMIN))
    assert ask(client, path=f"/people/{somebody.pk}/email/") == 302
    assert email_of(somebody) == "somebody@example.com"
    assert "admin@example.com" in mails_to("somebody@example.com")[0]
    Client().post(link())
    assert email_of(somebody) == NEW


def test_an_admin_hears_that_an_address_is_taken(client: Client) -> None:
    somebody = make_operator("somebody@example.com")
    log_in(client, make_operator("admin@example.com", role=Role.ADMIN))
    page = client.post(f"/people/{somebody.pk}/email/", {"email": "admin@example.com"})
    assert page.status_code == 422
    assert "has an account already" in page.text


@pytest.mark.parametrize("email", ["", "no address", "a@b.c", "person@example.com"])
def test_what_cannot_be_another_address_is_refused(
    client: Client, person: Operator, email: str
) -> None:
    assert ask(client, email) == 422
    assert not EmailChange.objects.exists()


def test_each_step_is_in_the_audit_log(client: Client, person: Operator) -> None:
    ask(client)
    Client().post(link())
    asked, changed = AuditEntry.objects.filter(action__startswith="operator.email").order_by("pk")
    assert (asked.actor_kind, asked.actor) == ("operator", "person@example.com")
    assert (changed.actor_kind, changed.actor) == ("mailbox", NEW)
    assert (changed.before, changed.after) == ({"email": "person@example.com"}, {"email": NEW})
    assert changed.object_key == str(person.pk)


def test_the_mail_is_sent_once(client: Client, person: Operator) -> None:
    ask(client)
    send_email_change_mail(person.pk)
    assert len(mails_to(NEW)) == 1


def test_the_link_is_in_the_language_of_the_person(client: Client, person: Operator) -> None:
    Operator.objects.filter(pk=person.pk).update(language="zh-hans")
    ask(client)
    assert EmailChange.objects.get().language == "zh-hans"


def test_nobody_mails_strangers_without_end(client: Client, person: Operator) -> None:
    answers = [ask(client, f"stranger{number}@example.com") for number in range(11)]
    assert answers == [302] * 10 + [422]
