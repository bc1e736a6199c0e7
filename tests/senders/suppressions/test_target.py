"""Which domains stop an address, and how targets become numbers."""

import pytest

from senders.suppressions.key import key_of, scope_key, target_key
from senders.suppressions.target import target_of_recipient, targets_of


def test_an_address_is_stopped_by_itself_its_domain_and_those_above() -> None:
    assert targets_of("jane@mail.shop.example.com") == [
        "jane@mail.shop.example.com",
        "mail.shop.example.com",
        "shop.example.com",
        "example.com",
    ]


def test_a_top_level_domain_stops_nobody() -> None:
    assert targets_of("jane@example.com") == ["jane@example.com", "example.com"]


@pytest.mark.parametrize(
    ("recipient", "form"),
    [
        ("Jane@EXAMPLE.com", "jane@example.com"),
        ('"Jane Doe"@example.com', '"jane doe"@example.com'),
        ("JÖRG@müller.de", "jörg@xn--mller-kva.de"),
        ("jo\u0308rg@example.com", "jörg@example.com"),
        ("jane@[192.0.2.1]", "jane@[192.0.2.1]"),
    ],
)
def test_every_recipient_has_a_form(recipient: str, form: str) -> None:
    assert target_of_recipient(recipient) == form


def test_all_scopes_of_a_target_stand_together() -> None:
    keys = [
        key_of(scope_key(*scope), "jane@example.com")
        for scope in ((), ("news@example.com", ""), ("", "batch"))
    ]
    assert len(set(keys)) == 3
    assert {key >> 32 for key in keys} == {target_key("jane@example.com")}
    assert all(-(2**63) <= key < 2**63 for key in keys)
