"""Several SMTP passwords of one address: how they come, and how they end."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from senders import credential_services as credentials
from senders.audit.entry import AuditEntry
from senders.errors import InvalidField, PasswordRefused
from senders.models import SmtpCredential
from senders.smtp_credential import MAIN_SLOT, MAX_LIVING, CredentialState
from senders.smtp_use import record_refusals, record_smtp_use
from tests.senders.credentials import add, states, wanted
from tests.senders.factories import PASSWORD, make_sender, reread

pytestmark = pytest.mark.django_db

OTHER = "OtherPass34"
HOUR = timedelta(hours=1)


def test_the_first_credential_is_the_smtp_password_and_switches_smtp_on() -> None:
    sender = make_sender()
    assert add(sender).is_main
    assert not add(sender, "shop").is_main
    assert reread(sender).smtp_enabled


def test_setting_the_smtp_password_leaves_the_other_passwords_alone() -> None:
    sender = make_sender()
    first = credentials.set_smtp_password(sender, password=PASSWORD)
    add(sender, "shop")
    second = credentials.set_smtp_password(sender, password=OTHER)
    first.refresh_from_db()
    assert (first.slot, second.slot) == (None, MAIN_SLOT)
    assert second.name == first.name == "SMTP password"
    living = sender.credentials.living(timezone.now())
    assert {each.name for each in living} == {"SMTP password", "shop"}


def test_all_passwords_of_an_address_have_one_salt() -> None:
    sender = make_sender()
    credentials.set_smtp_password(sender, password=PASSWORD)
    add(sender, "shop")
    credentials.set_smtp_password(sender, password=OTHER)
    hashes = sender.credentials.values_list("password_hash", flat=True)
    assert len({each.rpartition("$")[0] for each in hashes}) == 1
    assert len(set(hashes)) == 3
    other = add(make_sender())
    assert other.password_hash.rpartition("$")[0] != hashes[0].rpartition("$")[0]


def test_a_password_that_the_address_has_under_another_name_is_refused() -> None:
    sender = make_sender()
    credentials.set_smtp_password(sender, password=PASSWORD)
    with pytest.raises(PasswordRefused, match="another password than the previous one"):
        add(sender, password=PASSWORD)


def test_a_password_that_breaks_the_rule_is_refused() -> None:
    with pytest.raises(PasswordRefused, match="at least 2 digits"):
        add(make_sender(), password="NoDigitsHere")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("", "Enter a name"),
        (" \t ", "Enter a name"),
        ("x" * 61, "at most 60 characters"),
        ("a\u200bb", "letters, digits and signs only"),
        (" WEB ", "Another password of this address has that name"),
    ],
    ids=["empty", "blank", "long", "invisible", "taken"],
)
def test_a_name_that_cannot_be_taken_says_why(name: str, text: str) -> None:
    sender = make_sender()
    add(sender, "web")
    with pytest.raises(InvalidField, match=text) as refused:
        add(sender, name)
    assert refused.value.field == "name"


def test_a_name_is_free_again_when_its_password_has_ended() -> None:
    sender, now = make_sender(), timezone.now()
    credentials.revoke_credential(add(sender, "web"), now=now)
    brief = add(sender, "shop", expires_at=now + HOUR)
    SmtpCredential.objects.filter(pk=brief.pk).update(expires_at=now - HOUR)
    assert add(sender, "web").name == "web"
    assert add(sender, "shop").name == "shop"


@pytest.mark.parametrize(
    ("expires_at", "said"),
    [
        (timezone.now() - HOUR, "still to come"),
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), "within ten years"),
    ],
    ids=["over", "beyond-the-calendar-of-other-zones"],
)
def test_an_expiry_that_cannot_be_is_refused(expires_at: datetime, said: str) -> None:
    with pytest.raises(InvalidField, match=said) as refused:
        add(make_sender(), expires_at=expires_at)
    assert refused.value.field == "expires_at"


def test_an_address_has_at_most_ten_passwords_and_a_place_for_its_smtp_password() -> None:
    sender = make_sender()
    main = add(sender, "main")
    for number in range(MAX_LIVING - 1):
        add(sender, f"app {number}")
    with pytest.raises(InvalidField, match="Revoke one first"):
        add(sender, "one more")
    credentials.set_smtp_password(sender, password=PASSWORD)
    main.refresh_from_db()
    assert main.ended_at
    assert sender.credentials.living(timezone.now()).count() == MAX_LIVING


def test_an_expired_password_takes_no_place() -> None:
    sender, now = make_sender(), timezone.now()
    for number in range(MAX_LIVING):
        add(sender, f"app {number}", expires_at=now + HOUR)
    sender.credentials.filter(name="app 4").update(expires_at=now - HOUR)
    assert add(sender, "one more").slot == 5
    ended = sender.credentials.get(name="app 4")
    assert ended.state(now) == CredentialState.EXPIRED
    assert ended.ended_at == ended.expires_at


def test_the_database_itself_bounds_the_living_and_keeps_names_apart() -> None:
    sender, now = make_sender(), timezone.now()
    add(sender, "web")
    row = {"sender": sender, "name": "x", "password_hash": "y"}
    for wrong in (
        {"slot": MAIN_SLOT},
        {"slot": MAX_LIVING + 1},
        {"slot": 0},
        {"slot": 2, "name": "WEB"},
        {"slot": None},
        {"slot": 2, "ended_at": now},
        {"slot": 2, "password_hash": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            SmtpCredential.objects.create(**{**row, **wrong})


def test_revoking_one_keeps_smtp_on_as_long_as_another_lives() -> None:
    sender, now = make_sender(), timezone.now()
    first, second = add(sender, "web"), add(sender, "shop")
    credentials.revoke_credential(first, now=now)
    assert reread(sender).smtp_enabled
    credentials.revoke_credential(second, now=now)
    assert not reread(sender).smtp_enabled
    assert states(sender) == {"web": "revoked", "shop": "revoked"}


def test_revoking_twice_keeps_the_first_time() -> None:
    sender, now = make_sender(), timezone.now()
    first = add(sender)
    credentials.revoke_credential(first, now=now)
    credentials.revoke_credential(first, now=now + HOUR)
    assert first.ended_at == now


def test_switching_smtp_off_revokes_all() -> None:
    sender = make_sender()
    add(sender, "web")
    add(sender, "shop")
    credentials.switch_smtp_off(sender)
    assert states(sender) == {"web": "revoked", "shop": "revoked"}
    assert not sender.smtp_enabled


def test_renaming_keeps_everything_else() -> None:
    sender = make_sender()
    credential = add(sender, "web")
    add(sender, "shop")
    credentials.rename_credential(credential, name="  Web   shop ")
    assert credential.name == "Web shop"
    credentials.rename_credential(credential, name="WEB shop")
    with pytest.raises(InvalidField, match="has that name"):
        credentials.rename_credential(credential, name="Shop")


def test_states_tell_whether_a_password_is_used_and_how_long_it_lasts() -> None:
    now = timezone.now()
    for values, state in (
        ({}, CredentialState.NEVER_USED),
        ({"last_used_at": now}, CredentialState.IN_USE),
        ({"expires_at": now + timedelta(days=8)}, CredentialState.NEVER_USED),
        ({"expires_at": now + timedelta(days=7)}, CredentialState.EXPIRES_SOON),
        ({"expires_at": now}, CredentialState.EXPIRED),
        ({"ended_at": now}, CredentialState.REVOKED),
        ({"ended_at": now, "expires_at": now + HOUR}, CredentialState.REVOKED),
        ({"ended_at": now, "expires_at": now}, CredentialState.EXPIRED),
    ):
        assert SmtpCredential(**values).state(now) is state


def test_the_last_use_is_kept_of_the_credential_and_of_its_address() -> None:
    sender, late = make_sender(), timezone.now()
    web, shop = add(sender, "web"), add(sender, "shop")
    record_smtp_use({web.pk: (late, "192.0.2.1"), shop.pk: (late - HOUR, "2001:db8::1")})
    record_smtp_use({web.pk: (late - HOUR, "192.0.2.9"), 0: (late, "192.0.2.9")})
    web.refresh_from_db()
    shop.refresh_from_db()
    assert (web.last_used_at, web.last_used_from) == (late, "192.0.2.1")
    assert (shop.last_used_at, shop.last_used_from) == (late - HOUR, "2001:db8::1")
    assert reread(sender).smtp_last_used_at == late


def test_the_last_try_of_an_ended_password_is_kept() -> None:
    sender, late = make_sender(), timezone.now()
    web = add(sender, "web")
    record_refusals({web.pk: (late, "192.0.2.1")})
    record_refusals({web.pk: (late - HOUR, "192.0.2.2")})
    web.refresh_from_db()
    assert (web.last_refused_at, web.last_refused_from) == (late, "192.0.2.1")
    assert reread(sender).smtp_last_used_at is None


def test_long_ended_ones_are_forgotten_but_for_the_last_of_each_address() -> None:
    now = timezone.now()
    sender, other = make_sender(), make_sender()
    for name, days in (("a", 100), ("b", 95), ("c", 10)):
        ended = add(sender, name)
        credentials.revoke_credential(ended, now=now - timedelta(days=days))
    expired = add(other, "d", expires_at=now + HOUR)
    SmtpCredential.objects.filter(pk=expired.pk).update(expires_at=now - timedelta(days=100))
    add(sender, "alive")
    assert credentials.forget_ended_credentials(before=now - timedelta(days=90)) == 2
    assert set(states(sender)) == {"c", "alive"}
    assert states(other) == {"d": "expired"}


def test_every_change_stands_in_the_audit_log_without_a_password() -> None:
    sender, now = make_sender("news@example.com"), timezone.now()
    credentials.set_smtp_password(sender, password=PASSWORD)
    shop = add(sender, "shop", password=OTHER)
    credentials.rename_credential(shop, name="store")
    new = credentials.rotate_credential(shop, wanted("store 2"), grace=HOUR, now=now)
    credentials.revoke_credential(new, now=now)
    credentials.switch_smtp_off(sender)
    entries = AuditEntry.objects.filter(object_key="news@example.com").order_by("id")
    changes = [
        each.action.removeprefix("sender_address.credential_")
        for each in entries
        if "credential" in each.action
    ]
    assert changes == ["set", "added", "renamed", "rotated", "revoked", "all_revoked"]
    told = str(list(entries.values()))
    assert PASSWORD not in told
    assert OTHER not in told
    assert "argon2" not in told


@pytest.mark.django_db(transaction=True)
def test_of_many_simultaneous_additions_no_more_than_ten_succeed() -> None:
    sender = make_sender()
    barrier, refusals = threading.Barrier(MAX_LIVING + 3), []

    def add_one(number: int) -> None:
        barrier.wait(30)
        try:
            add(sender, f"app {number}")
        except InvalidField as refused:
            refusals.append(str(refused))
        finally:
            transaction.get_connection().close()

    threads = [threading.Thread(target=add_one, args=[number]) for number in range(MAX_LIVING + 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(refusals) == 3
    assert sender.credentials.living(timezone.now()).count() == MAX_LIVING
    hashes = sender.credentials.values_list("password_hash", flat=True)
    assert len({each.rpartition("$")[0] for each in hashes}) == 1
