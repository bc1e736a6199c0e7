"""What is wrong with a mail address, in the reader's language: the library knows English only."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# By how email_validator begins to say it; behind a colon it names the characters.
_FAULTS: tuple[tuple[str, Promise], ...] = (
    (
        "An email address must have an @-sign.",
        gettext_lazy("An email address must have an @-sign."),
    ),
    (
        "There must be something before the @-sign.",
        gettext_lazy("There must be something before the @-sign."),
    ),
    (
        "There must be something after the @-sign.",
        gettext_lazy("There must be something after the @-sign."),
    ),
    (
        "The email address contains invalid characters before the @-sign",
        gettext_lazy("There are invalid characters before the @-sign: %(characters)s."),
    ),
    (
        "The part after the @-sign contains invalid characters",
        gettext_lazy("There are invalid characters after the @-sign: %(characters)s."),
    ),
    (
        "The email address contains unsafe characters",
        gettext_lazy("There are invalid characters in the address: %(characters)s."),
    ),
    (
        "Internationalized characters before the @-sign",
        gettext_lazy("Only the domain may have letters outside a-z, not the name."),
    ),
    (
        "An email address cannot have two periods in a row.",
        gettext_lazy("An email address cannot have two periods in a row."),
    ),
    (
        "An email address cannot have a period and a hyphen next to each other.",
        gettext_lazy("An email address cannot have a period and a hyphen next to each other."),
    ),
    ("An email address cannot start with", gettext_lazy("It cannot begin with a period.")),
    (
        "An email address cannot end with",
        gettext_lazy("It cannot end with a period or a hyphen."),
    ),
    (
        "An email address cannot have a period immediately before the @-sign.",
        gettext_lazy("There cannot be a period right before the @-sign."),
    ),
    (
        "An email address cannot have a period immediately after the @-sign.",
        gettext_lazy("There cannot be a period right after the @-sign."),
    ),
    (
        "An email address cannot have a hyphen immediately after the @-sign.",
        gettext_lazy("There cannot be a hyphen right after the @-sign."),
    ),
    (
        "The email address is too long before the @-sign",
        gettext_lazy("Before the @-sign, at most 64 characters can stand."),
    ),
    (
        "The email address is too long after the @-sign",
        gettext_lazy("The domain is too long."),
    ),
    ("The email address is too long", gettext_lazy("The address is too long.")),
    ("After the @-sign, periods cannot", gettext_lazy("A part of the domain is too long.")),
    ("A display name and angle brackets", gettext_lazy("Write the address alone, without a name.")),
    ("Quoting the part before the @-sign", gettext_lazy("Write it without quotation marks.")),
    (
        "A bracketed IP address after the @-sign",
        gettext_lazy("The domain must be a name, as in example.com, not a number."),
    ),
    (
        "The part after the @-sign is a special-use",
        gettext_lazy("This domain is reserved; no mail can be sent to it."),
    ),
)


def fault_in_words(said: str) -> str:
    """What the library said, for the person who typed the address."""
    for beginning, words in _FAULTS:
        if said.startswith(beginning):
            return str(words) % {"characters": said.partition(": ")[2].rstrip(".")}
    return _("This is no mail address: %(cause)s") % {"cause": said}
