"""Invitations: by an admin, by mail, for 48 hours, once."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from directmail.invitations import services
from directmail.invitations.links import Token, make_token
from directmail.invitations.tasks import send_invitation_mail, send_waiting_invitations
from directmail.models import Invitation, Operator
from directmail.roles import Role
from senders.audit.entry import AuditEntry
from smtp_gateway.models import Message

pytestmark = pytest.mark.django_db
PASSWORD = "a brand new battery"
FIELDS = {"password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def admin(client: Client) -> Operator:
    made = Operator.objects.create_user("admin@example.com", role=Role.ADMIN)
    client.force_login(made)
    return made


def make_invitation(admin: Operator, role: str = Role.VIEWER, **changes: object) -> Invitation:
    made = services.invite(email="new@example.com", role=role, by=admin, now=timezone.now())
    Invitation.objects.filter(pk=made.pk).update(**changes)
    return Invitation.objects.get(pk=made.pk)


def link_to(invitation: Invitation) -> str:
    return f"/invitation/{make_token(Token(invitation.pk, invitation.link_id))}/"


def test_an_admin_invites_and_a_viewer_comes(client: Client, admin: Operator, settings) -> None:
    settings.PUBLIC_URL = "https://mail.example.com"
    answer = client.post("/people/invite/", {"email": " New@Example.com", "role": "viewer"})
    assert answer.status_code == 302
    send_waiting_invitations()
    (sent,) = mail.outbox
    assert sent.to == ["new@example.com"]
    found = re.search(r"https://mail\.example\.com(/invitation/\S+)", str(sent.body))
    assert found
    visitor = Client()
    page = visitor.get(found[1]).text
    assert "admin@example.com" in page
    assert "new@example.com" in page
    assert "Viewer" in page
    assert visitor.post(found[1], FIELDS).headers["Location"] == "/"
    assert visitor.get("/sender-addresses/").status_code == 200
    assert visitor.post("/sender-addresses/create/", {}).status_code == 403
    assert visitor.get("/people/invite/").status_code == 403
    made = Operator.objects.get(email="new@example.com")
    assert (made.role, made.check_password(PASSWORD)) == ("viewer", True)


def test_who_has_an_address_of_foreign_letters_logs_in_as_it_is_written(
    client: Client, admin: Operator
) -> None:
    client.post("/people/invite/", {"email": "ann@münchen.example", "role": "viewer"})
    Client().post(link_to(Invitation.objects.get()), FIELDS)
    assert Operator.objects.filter(email="ann@xn--mnchen-3ya.example").exists()
    for typed in ("Ann@München.example", "ann@xn--mnchen-3ya.example"):
        answer = Client().post("/login/", {"login": typed, "password": PASSWORD})
        assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("email", ["a@b.c", "no address", "a@example.com, b@example.com"])
def test_only_what_can_become_a_log_in_name_is_invited(
    client: Client, admin: Operator, email: str
) -> None:
    answer = client.post("/people/invite/", {"email": email, "role": "viewer"})
    assert answer.status_code == 422
    assert not Invitation.objects.exists()


def test_opening_the_link_makes_no_account(admin: Operator) -> None:
    link = link_to(make_invitation(admin))
    assert Client().get(link).status_code == 200
    assert Client().head(link).status_code == 200
    assert not Operator.objects.filter(email="new@example.com").exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"password": "short", "again": "short"}, "12 characters"),
        ({"password": "password1234", "again": "password1234"}, "too common"),
        ({"password": "new@example.com", "again": "new@example.com"}, "too similar"),
        ({"password": PASSWORD, "again": "another"}, "This is not the same password."),
        ({}, "This field is required."),
    ],
    ids=["short", "common", "address", "mistyped", "nothing"],
)
def test_a_poor_password_makes_no_account(
    admin: Operator, fields: dict[str, str], said: str
) -> None:
    answer = Client().post(link_to(make_invitation(admin)), fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert not Operator.objects.filter(email="new@example.com").exists()


def test_a_link_works_once(admin: Operator) -> None:
    link = link_to(make_invitation(admin))
    Client().post(link, FIELDS)
    for answer in (Client().get(link), Client().post(link, FIELDS)):
        assert answer.status_code == 410
        assert "This invitation is accepted already" in answer.text
    assert Operator.objects.filter(email="new@example.com").count() == 1


def test_a_link_ends_after_48_hours(admin: Operator) -> None:
    invitation = make_invitation(admin, asked_at=timezone.now() - timedelta(hours=48))
    for answer in (Client().get(link_to(invitation)), Client().post(link_to(invitation), FIELDS)):
        assert answer.status_code == 410
        assert "This invitation has expired" in answer.text
    assert not Operator.objects.filter(email="new@example.com").exists()


def test_a_withdrawn_invitation_makes_no_account(client: Client, admin: Operator) -> None:
    invitation = make_invitation(admin)
    page = client.get(f"/people/invitations/{invitation.pk}/withdraw/")
    assert "Withdraw the invitation?" in page.text
    assert Invitation.objects.open().exists()
    client.post(f"/people/invitations/{invitation.pk}/withdraw/")
    answer = Client().post(link_to(invitation), FIELDS)
    assert answer.status_code == 410
    assert "This invitation was withdrawn" in answer.text


def test_sent_again_the_former_link_ends(client: Client, admin: Operator) -> None:
    first = make_invitation(admin, asked_at=timezone.now() - timedelta(hours=50))
    client.post(f"/people/invitations/{first.pk}/send-again/")
    second = Invitation.objects.get(pk=first.pk)
    assert "There is a newer invitation" in Client().get(link_to(first)).text
    assert Client().get(link_to(second)).status_code == 200
    send_waiting_invitations()
    assert len(mail.outbox) == 1


def test_one_that_has_ended_is_not_sent_again(client: Client, admin: Operator) -> None:
    invitation = make_invitation(admin, withdrawn_at=timezone.now())
    client.post(f"/people/invitations/{invitation.pk}/send-again/")
    send_waiting_invitations()
    assert mail.outbox == []


def test_a_mangled_link_is_told_as_such(db: None) -> None:
    answer = Client().get("/invitation/nonsense/")
    assert answer.status_code == 400
    assert "This link is not complete" in answer.text


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("admin@example.com", "admin@example.com has an account already."),
        ("new@example.com", "new@example.com is invited already."),
        ("nonsense", "valid"),
        ("", "Enter the address of the person whom you invite."),
    ],
)
def test_whom_nobody_can_invite(client: Client, admin: Operator, email: str, said: str) -> None:
    make_invitation(admin)
    answer = client.post("/people/invite/", {"email": email, "role": "viewer"})
    assert answer.status_code == 422
    assert said in answer.text
    assert Invitation.objects.count() == 1


def test_an_unknown_role_is_refused(client: Client, admin: Operator) -> None:
    answer = client.post("/people/invite/", {"email": "a@example.com", "role": "owner"})
    assert answer.status_code == 422


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER])
def test_only_an_admin_invites(client: Client, admin: Operator, role: Role) -> None:
    invitation = make_invitation(admin)
    client.force_login(Operator.objects.create_user("other@example.com", role=role))
    for path in ("/people/invite/", f"/people/invitations/{invitation.pk}/withdraw/"):
        assert client.get(path).status_code == 403
        assert client.post(path, {"email": "x@example.com", "role": "admin"}).status_code == 403
    assert client.post(f"/people/invitations/{invitation.pk}/send-again/").status_code == 403
    assert Invitation.objects.open().count() == 1


def test_the_mail_is_sent_once_through_the_queue(admin: Operator, settings) -> None:
    settings.EMAIL_BACKEND = "smtp_gateway.mail_backend.QueueBackend"
    invitation = make_invitation(admin)
    send_invitation_mail(invitation.pk)
    send_invitation_mail(invitation.pk)
    message = Message.objects.get()
    assert message.origin == "system"
    assert message.expires_at == invitation.valid_until


def test_a_mail_that_is_swept_up_is_in_the_language_of_who_invites(admin: Operator) -> None:
    with translation.override("zh-hans"):
        make_invitation(admin)
    send_waiting_invitations()
    assert "您好" in str(mail.outbox[0].body)


def test_text_and_html_say_who_what_and_how_long(admin: Operator) -> None:
    send_invitation_mail(make_invitation(admin, role=Role.OPERATOR).pk)
    (sent,) = mail.outbox
    assert sent.subject == "admin@example.com invites you to DirectMail"
    for part in (str(sent.body), str(sent.alternatives[0][0])):  # type: ignore[attr-defined]
        assert "admin@example.com" in part
        assert "Operator" in part
        assert "/invitation/" in part
        assert "without you no account is made" in part
        assert "{%" not in part
        assert "{#" not in part


def test_all_of_it_is_in_the_audit_log(client: Client, admin: Operator) -> None:
    invitation = make_invitation(admin)
    client.post(f"/people/invitations/{invitation.pk}/send-again/")
    invitation.refresh_from_db()
    Client().post(link_to(invitation), FIELDS)
    done = AuditEntry.objects.filter(object_kind="invitation").order_by("pk")
    assert [(entry.action, entry.object_label) for entry in done] == [
        ("invitation.created", "new@example.com"),
        ("invitation.sent_again", "new@example.com"),
        ("invitation.accepted", "new@example.com"),
    ]
    assert done[0].after == {"role": "viewer"}
    assert invitation.link_id not in str(list(done.values()))


def test_where_two_factor_is_asked_for_it_comes_first(admin: Operator, settings) -> None:
    settings.REQUIRE_TWO_FACTOR = "all"
    visitor = Client()
    visitor.post(link_to(make_invitation(admin)), FIELDS)
    assert visitor.get("/").headers["Location"] == "/account/two-factor/required/"
    # Whoever has just chosen a password is not asked for it again.
    assert visitor.get("/account/two-factor/app/add/").status_code == 200


def test_who_is_logged_in_as_somebody_else_becomes_the_new_person(
    client: Client, admin: Operator
) -> None:
    client.post(link_to(make_invitation(admin)), FIELDS)
    assert "new@example.com" in client.get("/account/").text
