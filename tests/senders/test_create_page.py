"""Create Sender Address: the dialog and the page."""

import pytest
from django.test import Client

from senders.models import SenderAddress
from tests.senders.factories import HTMX, make_sender

CREATE = "/sender-addresses/create/"
GOOD = {"address": "News@Example.com", "mail_type": "batch", "reply_to": "help@example.com"}


def test_the_form_explains_both_mail_types_and_chooses_neither(console: Client) -> None:
    page = console.get(CREATE)
    assert "Trigger Mail" in page.text
    assert "Batch Mail" in page.text
    assert "It cannot be changed later." in page.text
    assert "checked" not in page.text


def test_created_without_javascript_its_page_opens_says_so_and_shows_the_next_steps(
    console: Client,
) -> None:
    page = console.post(CREATE, GOOD, follow=True)
    sender = SenderAddress.objects.get()
    assert page.redirect_chain == [(f"/sender-addresses/{sender.pk}/", 302)]
    assert "news@example.com is created." in page.text
    assert "Next steps" in page.text
    assert (sender.address, sender.mail_type) == ("news@example.com", "batch")
    assert sender.reply_to_address == "help@example.com"
    assert not sender.smtp_enabled
    assert sender.verified_reply_to == ""


def test_created_in_the_dialog_the_browser_goes_to_its_page(console: Client) -> None:
    answer = console.post(CREATE, GOOD, headers=HTMX)
    url = f"/sender-addresses/{SenderAddress.objects.get().pk}/"
    assert answer.headers["HX-Redirect"] == url
    assert "news@example.com is created." in console.get(url).text


def test_the_dialog_gets_the_form_alone(console: Client) -> None:
    part = console.get(CREATE, headers=HTMX)
    assert "<html" not in part.text
    assert f'hx-post="{CREATE}"' in part.text
    assert "HX-Request" in part.headers["Vary"]


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_errors_stand_at_their_fields_and_what_was_typed_stays(
    console: Client, headers: dict[str, str]
) -> None:
    typed = {"address": "not an address", "mail_type": "trigger", "reply_to": "x@"}
    page = console.post(CREATE, typed, headers=headers)
    assert page.status_code == 422
    assert 'id="id_address_error"' in page.text
    assert 'id="id_reply_to_error"' in page.text
    assert 'value="not an address"' in page.text
    assert 'value="x@"' in page.text
    assert 'value="trigger" checked' in page.text
    assert not SenderAddress.objects.exists()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"address": ""}, "Enter the address, for example news@example.com."),
        ({"address": "a b@example.com"}, "invalid characters before the @-sign"),
        ({"address": "a!b@example.com"}, "only letters a-z, digits and the signs _ - + ."),
        ({"address": f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.de"}, "at most 192"),
        ({"mail_type": ""}, "Choose Trigger Mail or Batch Mail."),
        ({"mail_type": "spam"}, "Choose Trigger Mail or Batch Mail."),
        ({"reply_to": "ü@example.com"}, "Only the domain may have letters outside a-z"),
    ],
)
def test_each_refusal_is_said(console: Client, change: dict[str, str], text: str) -> None:
    page = console.post(CREATE, {**GOOD, **change})
    assert page.status_code == 422
    assert text in page.text


@pytest.mark.parametrize("address", ["news@example.com", " NEWS@example.com "])
def test_an_existing_address_is_refused(console: Client, address: str) -> None:
    make_sender("news@example.com")
    page = console.post(CREATE, {**GOOD, "address": address})
    assert page.status_code == 422
    assert "This sender address exists already." in page.text


def test_the_reply_to_is_optional(console: Client) -> None:
    console.post(CREATE, {**GOOD, "reply_to": ""})
    assert SenderAddress.objects.get().reply_to_verification is None
