"""What is suppressed: one address, or a domain with all below it, in the form that is compared.

Upper and lower case are the same here, in the local part too: who asked for no more mail means the
mailbox, however somebody writes it, and no receiver of note tells two of them apart.
"""

import unicodedata

import idna
from django.utils.translation import gettext as _

from senders.errors import InvalidField
from verification.mail_address import InvalidMailAddress, normalize


def target_of_recipient(recipient: str) -> str:
    """The form of an envelope's recipient. Whatever it is, it has one."""
    if recipient.isascii():
        return recipient.lower()
    local_part, at, domain = recipient.rpartition("@")
    local_part = unicodedata.normalize("NFC", local_part.lower())
    return f"{local_part}{at}{_ascii(domain)}"


def targets_of(target: str) -> list[str]:
    """What has to be looked for: the address, its domain, and every domain above with a dot."""
    domain = target.rpartition("@")[2]
    found = [target, domain]
    while (parent := domain.partition(".")[2]) and "." in parent:
        found.append(parent)
        domain = parent
    return found


def read_target(text: str) -> str:
    """An address or a domain as somebody wrote it. Raises InvalidField."""
    typed = text.strip().strip("<>").removeprefix("mailto:")
    if not typed:
        raise InvalidField("target", _("Enter an address or a domain, for example example.com."))
    if "@" in typed.removeprefix("@"):
        return _address(typed)
    domain = typed.removeprefix("@").rstrip(".")
    try:
        return normalize(f"x@{domain}").rpartition("@")[2]
    except InvalidMailAddress:
        raise InvalidField(
            "target",
            _("This is neither an address nor a domain, such as you@example.com or example.com."),
        ) from None


def _address(typed: str) -> str:
    try:
        return normalize(typed)
    except InvalidMailAddress as error:
        name = typed.rpartition("@")[0]
        if name.isascii() or not name.isprintable():
            raise InvalidField("target", str(error)) from None
    # A mailbox outside ASCII (RFC 6531): no sender of ours has such a name, but a recipient may.
    local_part, _at, domain = target_of_recipient(typed).rpartition("@")
    return f"{local_part}@{read_target(domain)}"


def _ascii(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return domain.lower()
