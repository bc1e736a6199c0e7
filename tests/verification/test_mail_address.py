"""The normal form of mail addresses, without a database."""

import pytest

from verification.mail_address import InvalidMailAddress, display, normalize
from verification.mail_address_faults import fault_in_words


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" News@Example.COM\n", "news@example.com"),
        ("a@MÜLLER.de", "a@xn--mller-kva.de"),
        ("a@faß.de", "a@xn--fa-hia.de"),
        ("a@xn--mller-kva.de", "a@xn--mller-kva.de"),
        ("app@mail.internal", "app@mail.internal"),
        ("app@mail.test", "app@mail.test"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
    ],
)
def test_an_address_has_one_stored_form(typed: str, stored: str) -> None:
    assert normalize(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "a", "a@", "@b.de", "a@b", "a b@c.de", "a@b..de", '"a"@b.de', "a@[1.2.3.4]", "ü@b.de",
     "a@127.0.0.1", "a@b.de\r\nBcc: c@d.de",
     "a@b.de, c@d.de", "<a@b.de>", f"{'a' * 65}@example.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(InvalidMailAddress) as refusal:
        normalize(typed)
    # The library's own sentence is a last resort: it is in English only.
    assert "This is no mail address" not in str(refusal.value)


def test_a_fault_without_words_of_ours_is_told_as_the_library_says_it() -> None:
    assert fault_in_words("Odd.") == "This is no mail address: Odd."


def test_people_see_u_labels() -> None:
    assert display("a@xn--mller-kva.de") == "a@müller.de"


@pytest.mark.parametrize("broken", ["", "a@xn--999999999.de", "a@"])
def test_what_has_no_u_label_is_shown_as_it_is(broken: str) -> None:
    assert display(broken) == broken
