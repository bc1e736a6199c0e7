"""Passkeys in a real browser, with an authenticator of Chromium's own making."""

import itertools
from collections.abc import Iterator

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import keep_screenshot
from tests.journeys.stack import Stack, free_ports, running_stack

pytestmark = pytest.mark.browser
LOG_IN_WITH_PASSKEY = "Log in with a passkey"
PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


# Browsers make passkeys for a name, not for the 127.0.0.1 of the other tests.
@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    (port,) = free_ports(1)
    with running_stack(WEB_PORT=str(port), PUBLIC_URL=f"http://localhost:{port}") as running:
        yield running


class Authenticator:
    """A device that holds passkeys and is unlocked by whoever holds it, or refuses."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        added = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = added["authenticatorId"]

    def refuse(self) -> None:
        """From now on no finger fits."""
        self.session.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": False}
        )

    @property
    def credentials(self) -> list[dict[str, object]]:
        held = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(held["credentials"])


@pytest.fixture
def device(page: Page) -> Authenticator:
    return Authenticator(page)


@pytest.fixture
def person(stack: Stack) -> str:
    """The address of an operator of this test's own."""
    email = f"person{next(_numbers)}@example.com"
    made = stack.manage("create_operator", email, "--password-stdin", typed=PASSWORD)
    assert made.returncode == 0, made.stderr
    return email


def enter_password(page: Page, person: str) -> None:
    page.goto("/login/")
    page.get_by_label("E-mail address").fill(person)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def log_in(page: Page, person: str) -> None:
    enter_password(page, person)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def open_account(page: Page) -> None:
    page.goto("/account/")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def add_passkey(page: Page, name: str) -> None:
    open_account(page)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill(name)
    keep_screenshot(page, "passkey-add")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Add a passkey")).to_have_count(0)


def log_out(page: Page) -> None:
    page.goto("/logout/")
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_a_passkey_logs_in_without_a_password(
    page: Page, person: str, device: Authenticator
) -> None:
    log_in(page, person)
    add_passkey(page, "This laptop")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    (credential,) = device.credentials
    assert (credential["isResidentCredential"], credential["rpId"]) == (True, "localhost")
    log_out(page)
    keep_screenshot(page, "log-in")
    page.get_by_role("button", name=LOG_IN_WITH_PASSKEY).click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    open_account(page)
    page.get_by_role("link", name="Remove This laptop").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()


def test_a_passkey_is_the_second_step_behind_a_password(
    page: Page, person: str, device: Authenticator
) -> None:
    log_in(page, person)
    add_passkey(page, "Key ring")
    log_out(page)
    enter_password(page, person)
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    keep_screenshot(page, "second-step")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def test_a_device_has_one_passkey_for_an_account(
    page: Page, person: str, device: Authenticator
) -> None:
    log_in(page, person)
    add_passkey(page, "First")
    open_account(page)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("alert")).to_have_text(
        "This device has a passkey for your account already."
    )
    assert len(device.credentials) == 1


def test_a_device_that_refuses_logs_nobody_in_and_the_page_says_so(
    page: Page, person: str, device: Authenticator
) -> None:
    log_in(page, person)
    add_passkey(page, "Stolen")
    log_out(page)
    device.refuse()
    page.get_by_role("button", name=LOG_IN_WITH_PASSKEY).click()
    expect(page.get_by_role("alert")).to_have_text(
        "Nothing was confirmed. Try again, or use another way."
    )
    page.goto("/account/")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


@pytest.mark.usefixtures("person")
def test_a_passkey_of_nobody_logs_nobody_in(page: Page) -> None:
    page.goto("/login/")
    page.evaluate(
        """() => {
          const form = document.querySelector("form[data-passkey]");
          const response = {clientDataJSON: "e30", authenticatorData: "AAAA", signature: "AAAA",
            userHandle: "MQ"};
          const forged = {id: "AAAA", rawId: "AAAA", type: "public-key", response};
          form.elements.credential.value = JSON.stringify(forged);
          form.submit();
        }"""
    )
    expect(page.get_by_text("That was not recognised.")).to_be_visible()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_the_password_alone_is_not_enough_beside_a_passkey(
    page: Page, person: str, device: Authenticator
) -> None:
    log_in(page, person)
    add_passkey(page, "Only")
    log_out(page)
    enter_password(page, person)
    page.goto("/account/")
    expect(page.get_by_role("heading", name="Your account")).to_have_count(0)
