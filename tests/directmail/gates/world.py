"""One of everything that a page can be about, its addresses, and whether it changed."""

import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from directmail.email_change import links as email_links
from directmail.invitations.links import Token, make_token
from directmail.models import EmailChange, Invitation, Operator
from directmail.roles import Role
from senders import dkim_services, services
from senders.dkim_key import Algorithm, DkimKey
from senders.opting_out.links import token_of as opt_out_token
from senders.suppressions.bringing import bring
from senders.suppressions.services import suppress
from smtp_gateway.models import Attempt
from smtp_gateway.routes.services import create_route
from smtp_gateway.submission.certificate import ensure_self_signed
from tests.senders.domains.factories import make_domain
from tests.senders.factories import PASSWORD, make_sender, token_of
from tests.smtp_gateway.mails import make_caught
from tests.smtp_gateway.returns.returning import UNKNOWN, come_back, make_relayed
from tests.smtp_gateway.smtp_sessions.told import keep, make_snapshot

WITH_ATTACHMENT = (
    b"From: app@example.com\r\nTo: anna@example.org\r\nSubject: Bill\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nHello.\r\n--b\r\n'
    b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n"
    b"x\r\n--b--\r\n"
)
PASSKEY = 1_000_000
"""Of the operator who walks."""
_NAMED_GROUP = re.compile(r"\(\?P<(\w+)>[^)]*\)")
_WRITTEN = """
SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
"""
_OF_VISITS = {
    "django_session",
    "directmail_cache",
    "usersessions_usersession",
    # It tells of looks at contents, too; whatever changes writes elsewhere as well.
    "senders_auditentry",
}


@dataclass(frozen=True)
class World:
    """The values that addresses are filled with: the first whose pattern is found in a route."""

    values: tuple[tuple[str, str], ...]

    def path(self, route: str) -> str:
        for place, value in self.values:
            route = re.sub(place, lambda found, value=value: found[1] + value, route)
        assert "<" not in route, f"tests/directmail/gates/world.py has nothing for {route}"
        return f"/{route}"


def make_world() -> World:
    ensure_self_signed(
        Path(settings.TLS_CERT_FILE),
        Path(settings.TLS_KEY_FILE),
        hostname="mail.directmail.test",
        now=timezone.now(),
    )
    sender = make_sender("app@example.com", reply_to="help@example.com")
    services.request_reply_to_verification(sender, now=timezone.now())
    sender.refresh_from_db()
    credential = services.set_smtp_password(sender, password=PASSWORD)
    sealed, public = dkim_services._ed25519_pair()  # an RSA key takes its time
    key = DkimKey.objects.create(
        domain="example.com",
        selector="dm",
        algorithm=Algorithm.ED25519,
        sealed_private_key=sealed,
        public_key=public,
        created_at=timezone.now(),
    )
    domain = make_domain("example.com")
    route = create_route(values={"name": "Inside", "kind": "mailbox"}, password="", operator="test")
    person = Operator.objects.create_user("somebody@example.com")
    session_id = "0123456789abcdef"
    keep(make_snapshot("220 hello", "QUIT", session_id=session_id))
    invitation = Invitation.objects.create(
        email="new@example.com",
        role=Role.VIEWER,
        invited_by="admin@example.com",
        link_id="link",
        asked_at=timezone.now(),
    )
    change = EmailChange.objects.create(
        operator=person,
        email="elsewhere@example.com",
        asked_by="admin@example.com",
        asked_at=timezone.now(),
        link_id="link",
    )
    suppression = suppress(
        reason="hard-bounce",
        recipient_or_domain="gone@example.net",
        evidence="550 5.1.1 No such user",
        now=timezone.now(),
    )
    brought = bring(
        [b"a@example.net\nno address\n"],
        name="list.txt",
        by="admin@example.com",
        choices={"scope": "organisation"},
        now=timezone.now(),
    )
    return World(
        (
            (r"(returns/)<int:pk>", str(come_back(UNKNOWN, make_relayed()).pk)),
            (r"(suppressions/)<int:pk>", str(suppression.pk)),
            (r"(suppressions/import/)<int:pk>", str(brought.pk)),
            (r"(sender-addresses/)<int:pk>", str(sender.pk)),
            (r"()<int:credential_pk>", str(credential.pk)),
            (r"(dkim-keys/)<int:pk>", str(key.pk)),
            (r"(domains/)<int:pk>", str(domain.pk)),
            (r"(routes/)<int:pk>", str(route.pk)),
            (r"(people/)<int:pk>", str(person.pk)),
            (r"(ticked/)<name>", "suspend"),
            (r"(policies/)<mail_type>", "batch"),
            (r"(warm-up/)<str:name>", "address"),
            (r"()<queue_id:queue_id>", make_caught(WITH_ATTACHMENT)),
            (r"(sessions/|passkeys/)<int:pk>", str(PASSKEY)),
            (r"(invitations/)<int:pk>", str(invitation.pk)),
            (r"()<uidb36>", "1"),
            (r"()<key>", "set-password"),
            (r"(invitation/)<str:token>", make_token(Token(invitation.pk, invitation.link_id))),
            (r"(\bu/)<str:token>", opt_out_token("news@example.com", "to@example.net")),
            (r"(email/)<str:token>", email_links.make_token(email_links.Token(change.pk, "link"))),
            (r"(attempts/)<int:pk>", str(Attempt.objects.latest("pk").pk)),
            (r"()<session_id:session_id>", session_id),
            (r"()<int:number>", "1"),
            (r"()<action:name>", "retry"),
            (r"()<str:token>", token_of(sender.reply_to_verification)),
        )
    )


def all_routes() -> list[str]:
    """Every address pattern of the project, as `urls.py` writes it."""
    return _routes(get_resolver().url_patterns, "")


def _routes(patterns: list[URLPattern | URLResolver], above: str) -> list[str]:
    found = []
    for each in patterns:
        route = above + _NAMED_GROUP.sub(r"<\1>", str(each.pattern)).strip("^$")
        below = _routes(each.url_patterns, route) if isinstance(each, URLResolver) else [route]
        found += below
    return found


def rows_written() -> dict[str, int]:
    """How often this transaction has written to each table, but for what a visit leaves behind."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN)
        return {name: count for name, count in cursor.fetchall() if name not in _OF_VISITS}
