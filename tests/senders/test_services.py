"""The rules of sender addresses, below the pages."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from senders import services
from senders.models import SenderAddress
from senders.tasks import purge_unused_verifications
from tests.senders.factories import (
    PASSWORD,
    change_proof,
    make_sender,
    make_verified_sender,
    reread,
    token_of,
)
from verification import services as verification
from verification.models import Verification

pytestmark = pytest.mark.django_db


def test_an_address_is_stored_lower_case_with_a_labels() -> None:
    sender = make_sender("News@MÜLLER.de")
    assert sender.address == "news@xn--mller-kva.de"
    assert sender.display_address == "news@müller.de"


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("", "Enter the address, for example news@example.com."),
        ("news", "An email address must have an @-sign."),
        ("a!b@example.com", "Before the @ only letters a-z, digits and the signs _ - + . can be"),
        ("müller@example.com", "Only the domain may have letters outside a-z, not the name."),
        ("a@intranet", "The domain needs a dot, as in example.com."),
        (f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.com", "at most 192 can be used."),
    ],
)
def test_an_address_that_cannot_be_used_says_why(address: str, text: str) -> None:
    with pytest.raises(services.InvalidField, match=re.escape(text)) as refused:
        make_sender(address) if address else services.valid_sender_address(address)
    assert refused.value.field == "address"


def test_an_address_of_192_characters_can_be_used() -> None:
    domain = f"{'b' * 60}.{'c' * 60}.{'d' * 60}.com"
    address = "a" * (192 - len(domain) - 1) + f"@{domain}"
    assert make_sender(address).address == address


def test_the_database_itself_refuses_upper_case_and_unknown_mail_types() -> None:
    sender = make_sender()
    for change in ({"address": "Upper@example.com"}, {"mail_type": "spam"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SenderAddress.objects.filter(pk=sender.pk).update(**change)


def test_an_existing_address_is_refused_at_its_field() -> None:
    make_sender("news@example.com")
    with pytest.raises(services.InvalidField, match="exists already") as refused:
        make_sender("NEWS@example.com")
    assert refused.value.field == "address"


def test_the_previous_password_is_refused_also_after_smtp_was_off() -> None:
    sender = make_sender()
    services.set_smtp_password(sender, password=PASSWORD)
    services.switch_smtp_off(sender)
    assert not sender.smtp_enabled
    with pytest.raises(services.PasswordRefused, match="another password than the previous one"):
        services.set_smtp_password(sender, password=PASSWORD)


def test_the_password_in_use_is_refused() -> None:
    sender = make_sender()
    services.set_smtp_password(sender, password=PASSWORD)
    with pytest.raises(services.PasswordRefused, match="previous one"):
        services.set_smtp_password(sender, password=PASSWORD)


def test_changing_the_reply_to_clears_the_proof_and_coming_back_does_not_restore_it() -> None:
    sender = make_verified_sender(reply_to="help@example.com")
    assert sender.verified_reply_to == "help@example.com"
    services.change_reply_to(sender, reply_to="other@example.com")
    assert reread(sender).verified_reply_to == ""
    services.change_reply_to(sender, reply_to="help@example.com")
    assert reread(sender).verified_reply_to == ""


def test_saving_the_same_reply_to_keeps_the_proof() -> None:
    sender = make_verified_sender(reply_to="help@example.com")
    services.change_reply_to(sender, reply_to="HELP@example.com")
    assert reread(sender).verified_reply_to == "help@example.com"


def test_an_older_link_cannot_prove_a_newer_address() -> None:
    sender = make_sender(reply_to="old@example.com")
    services.request_reply_to_verification(sender, now=timezone.now())
    old_link = token_of(reread(sender).reply_to_verification)
    services.change_reply_to(sender, reply_to="new@example.com")
    assert verification.confirm(old_link, now=timezone.now())[1] is verification.Refusal.SUPERSEDED
    services.change_reply_to(sender, reply_to="old@example.com")
    assert verification.confirm(old_link, now=timezone.now())[1] is verification.Refusal.SUPERSEDED
    assert reread(sender).verified_reply_to == ""


def test_neither_changing_nor_deleting_shortens_the_cool_down() -> None:
    now = timezone.now()
    sender = make_sender("news@example.com", reply_to="help@example.com")
    services.request_reply_to_verification(sender, now=now)
    services.change_reply_to(sender, reply_to="")
    services.change_reply_to(sender, reply_to="help@example.com")
    with pytest.raises(verification.TooSoon):
        services.request_reply_to_verification(sender, now=now + timedelta(minutes=9))
    services.delete_sender_address(sender)
    purge_unused_verifications()
    again = make_sender("news@example.com", reply_to="help@example.com")
    with pytest.raises(verification.TooSoon):
        services.request_reply_to_verification(again, now=now + timedelta(minutes=9))
    services.request_reply_to_verification(again, now=now + timedelta(minutes=10))


def test_deleting_ends_the_link_that_is_out_there() -> None:
    sender = make_sender(reply_to="help@example.com")
    services.request_reply_to_verification(sender, now=timezone.now())
    link = token_of(reread(sender).reply_to_verification)
    services.delete_sender_address(sender)
    assert verification.confirm(link, now=timezone.now())[1] is verification.Refusal.SUPERSEDED


def test_an_address_without_reply_to_cannot_ask_for_proof() -> None:
    with pytest.raises(services.InvalidField, match="Set a reply-to address first") as refused:
        services.request_reply_to_verification(make_sender(), now=timezone.now())
    assert refused.value.field == "reply_to"


def test_a_lost_verification_is_opened_anew_when_asked_for() -> None:
    sender = make_sender(reply_to="help@example.com")
    Verification.objects.all().delete()
    services.request_reply_to_verification(reread(sender), now=timezone.now())
    assert reread(sender).reply_to_state(timezone.now()) == "sending"


def test_purging_removes_only_what_no_address_points_to() -> None:
    kept = make_sender(reply_to="kept@example.com")
    gone = make_sender(reply_to="gone@example.com")
    change_proof(gone, requested_at=timezone.now() - timedelta(days=2))
    services.delete_sender_address(gone)
    purge_unused_verifications()
    assert list(Verification.objects.values_list("pk", flat=True)) == [
        kept.reply_to_verification_id
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_creations_one_is_refused_at_the_field() -> None:
    barrier, refusals = threading.Barrier(2), []

    def create() -> None:
        barrier.wait(5)
        try:
            make_sender("twice@example.com", reply_to="help@example.com")
        except services.InvalidField as refused:
            refusals.append((refused.field, str(refused)))
        finally:
            connection.close()

    threads = [threading.Thread(target=create) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert refusals == [("address", "This sender address exists already.")]
