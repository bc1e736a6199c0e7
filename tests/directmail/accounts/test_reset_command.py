"""`manage.py reset_two_factor`: for a lost device."""

import io

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from senders.audit.entry import AuditEntry
from tests.directmail.accounts.acting import (
    add_app,
    add_recovery_codes,
    is_logged_in,
    log_in,
    make_operator,
)

pytestmark = pytest.mark.django_db


def test_the_password_is_enough_again_and_its_owner_told(client: Client) -> None:
    operator, other = make_operator("lost@example.com"), make_operator()
    for each in (operator, other):
        add_app(each)
        add_recovery_codes(each)
    out = io.StringIO()
    call_command("reset_two_factor", "Lost@example.com", stdout=out)
    assert out.getvalue() == "lost@example.com can log in with the password alone now.\n"
    assert {row.user for row in Authenticator.objects.all()} == {other}
    log_in(client, operator)
    assert is_logged_in(client)
    assert "Two-factor was removed by an admin" in str(mail.outbox[0].body)
    assert AuditEntry.objects.get(action="operator.two_factor_reset").object_label == operator.email


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("nobody@example.com", "There is no operator nobody@example.com."),
        ("plain@example.com", "plain@example.com has no two-factor."),
    ],
)
def test_where_there_is_nothing_to_reset_it_says_so(email: str, said: str) -> None:
    make_operator("plain@example.com")
    with pytest.raises(CommandError, match=said):
        call_command("reset_two_factor", email)
