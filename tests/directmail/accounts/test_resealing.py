"""Secrets of two-factor under a SECRET_KEY that changes."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django import Settings

from directmail.accounts.tasks import reseal_two_factor
from directmail.models import Operator
from tests.directmail.accounts.acting import (
    SECRET,
    add_app,
    add_recovery_codes,
    code_of,
    enter_code,
    log_in,
    make_operator,
)

pytestmark = pytest.mark.django_db
NEW_KEY = "another-key-0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFG"


@pytest.fixture
def operator(db: None) -> Operator:
    made = make_operator()
    add_app(made)
    return made


def change_key(settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = NEW_KEY


def test_a_code_counts_while_the_former_key_is_a_fallback(
    client: Client, operator: Operator, settings: Settings
) -> None:
    change_key(settings)
    log_in(client, operator)
    assert enter_code(client, code_of(SECRET)).status_code == 302


def test_resealed_the_former_key_can_go(
    client: Client, operator: Operator, settings: Settings
) -> None:
    codes = add_recovery_codes(operator)
    change_key(settings)
    reseal_two_factor()
    settings.SECRET_KEY_FALLBACKS = []
    log_in(client, operator)
    assert enter_code(client, code_of(SECRET)).status_code == 302
    other = Client()
    log_in(other, operator)
    assert enter_code(other, codes[0]).status_code == 302


def test_what_is_sealed_with_the_present_key_stays_as_it_is(operator: Operator) -> None:
    before = Authenticator.objects.get().data
    reseal_two_factor()
    assert Authenticator.objects.get().data == before


def test_what_no_key_opens_holds_up_none_behind_it(
    operator: Operator, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SECRET_KEY = "a key that was lost, and 50 characters and more of it"
    add_app(make_operator())
    lost = Authenticator.objects.latest("pk")
    settings.SECRET_KEY = NEW_KEY
    add_app(make_operator())
    reseal_two_factor()
    named = {vars(each)["operator_id"] for each in caplog.records}
    assert named == {operator.pk, lost.user_id}
    assert [each.getMessage() for each in caplog.records] == ["two_factor.no_key_fits"] * 2
