"""A new SMTP password takes the place of an old one, which goes on for a while."""

from datetime import timedelta

import pytest
from django.utils import timezone

from senders import credential_services as credentials
from senders.errors import InvalidField, PasswordRefused
from tests.senders.credentials import add, states, wanted
from tests.senders.factories import PASSWORD, make_sender, reread

pytestmark = pytest.mark.django_db

OTHER = "OtherPass34"
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("grace", "state"),
    [
        (timedelta(0), "revoked"),
        (HOUR, "expires-soon"),
        (timedelta(days=30), "never-used"),
        (None, "never-used"),
    ],
    ids=["now", "an hour", "a month", "never"],
)
def test_rotating_gives_the_old_password_its_grace(grace: timedelta | None, state: str) -> None:
    sender, now = make_sender(), timezone.now()
    old = add(sender, "web")
    new = credentials.rotate_credential(old, wanted("web 2"), grace=grace, now=now)
    assert states(sender, now) == {"web": state, "web 2": "never-used"}
    assert new.is_main
    old.refresh_from_db()
    assert not old.is_main
    assert old.expires_at == (now + grace if grace else None)


def test_rotating_never_makes_a_password_live_longer() -> None:
    sender, now = make_sender(), timezone.now()
    old = add(sender, "web", expires_at=now + HOUR)
    credentials.rotate_credential(old, wanted("web 2"), grace=24 * HOUR, now=now)
    old.refresh_from_db()
    assert old.expires_at == now + HOUR


def test_a_rotation_at_once_can_keep_the_name() -> None:
    sender, now = make_sender(), timezone.now()
    old = add(sender, "web")
    new = credentials.rotate_credential(old, wanted("web"), grace=timedelta(0), now=now)
    assert new.name == "web"


def test_a_free_name_counts_on_and_is_never_too_long() -> None:
    sender = make_sender()
    add(sender, "web")
    add(sender, "web (2)")
    add(sender, long := "x" * 60)
    free = [credentials.free_name(sender, name) for name in ("new", "Web", "web (2)", long)]
    assert free == ["new", "Web (3)", "web (3)", "x" * 55 + " (2)"]


def test_what_has_ended_cannot_be_rotated() -> None:
    sender, now = make_sender(), timezone.now()
    old = add(sender, "web")
    credentials.revoke_credential(old, now=now)
    with pytest.raises(InvalidField, match="ended meanwhile"):
        credentials.rotate_credential(old, wanted("web 2"), grace=None, now=now)
    assert not reread(sender).smtp_enabled


def test_a_refused_rotation_leaves_the_old_password_as_it_was() -> None:
    sender, now = make_sender(), timezone.now()
    old = add(sender, "web", password=PASSWORD)
    with pytest.raises(PasswordRefused):
        credentials.rotate_credential(old, wanted("x", password=PASSWORD), grace=HOUR, now=now)
    old.refresh_from_db()
    assert (old.is_main, old.expires_at) == (True, None)
