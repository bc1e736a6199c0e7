"""What a route may name: hosts that can be connected to, and addresses of this machine."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import idna
import psutil
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

_LOOPBACK_NAMES = frozenset({"localhost", "localhost.localdomain"})
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound
_HAS_PORT = re.compile(r"[^:\[\]]+:\d+|\[[^\]]*\]:\d+")


class InvalidPlace(ValueError):
    """The text names no host or no address that can be used; its message says what to write."""


def valid_host(text: str) -> str:
    """A host name in A-labels or an IP address, as it is stored. Raises InvalidPlace."""
    host = text.strip().rstrip(".").lower()
    if "://" in host or "/" in host:
        raise InvalidPlace(_("Enter the host name alone, as in smtp.example.net."))
    if "@" in host:
        raise InvalidPlace(
            _("Enter the host name alone; user and password have fields of their own.")
        )
    if _HAS_PORT.fullmatch(host):
        raise InvalidPlace(_("Enter the host name alone; the port has a field of its own."))
    address = _address(host.removeprefix("[").removesuffix("]"))
    if address is not None:
        return _reachable(address)
    return _host_name(host)


def valid_source(text: str, version: int) -> str | None:
    """An address of this machine, normal; None: the system's choice. Raises InvalidPlace."""
    if not text.strip():
        return None
    address = _address(text.strip())
    if address is None or address.version != version:
        words = _("“%(text)s” is no IPv%(version)s address.")
        raise InvalidPlace(words % {"text": text.strip()[:60], "version": version})
    here = addresses_here(version)
    if str(address) not in here:
        raise InvalidPlace(_not_here(address, here))
    return str(address)


def _not_here(address: IPv4Address | IPv6Address, here: Sequence[str]) -> str:
    if not here:
        words = _(
            "%(address)s is no address of this machine. It has no IPv%(version)s address at all."
        )
        return words % {"address": address, "version": address.version}
    words = _("%(address)s is no address of this machine. It has these: %(addresses)s.")
    comma = pgettext("between the parts of a list", ", ")
    return words % {"address": address, "addresses": comma.join(here)}


def addresses_here(version: int) -> list[str]:
    """The addresses of this machine's interfaces, link-local ones left out, loopback last."""
    found = {
        address
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if (address := _address(entry.address)) and address.version == version
    }
    usable = [address for address in found if not address.is_link_local]
    return [str(each) for each in sorted(usable, key=lambda each: (each.is_loopback, int(each)))]


def is_loopback(host: str) -> bool:
    """Whether what goes to `host`, in its stored form, does not leave this machine."""
    address = _address(host)
    return host in _LOOPBACK_NAMES or (address is not None and address.is_loopback)


def is_own_gateway(host: str, port: int) -> bool:
    """Whether DirectMail's own SMTP server answers there: mail would go round for ever."""
    if port not in (settings.SMTP_PORT, settings.SMTPS_PORT):
        return False
    listens = settings.SMTP_HOST.lower()
    if host in (listens, settings.SMTP_HOSTNAME.lower()):
        return True
    if is_loopback(host):
        return listens in _EVERYWHERE or is_loopback(listens)
    return listens in _EVERYWHERE and host in (*addresses_here(4), *addresses_here(6))


def _reachable(address: IPv4Address | IPv6Address) -> str:
    if address.is_multicast or address.is_unspecified:
        raise InvalidPlace(_("%(address)s is not the address of one host.") % {"address": address})
    return str(address)


def _host_name(host: str) -> str:
    try:
        name = idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        name = ""
    # A last label of digits alone would be an IPv4 address with something missing (RFC 1123).
    if not name or name.rpartition(".")[2].isdigit():
        words = _("“%(host)s” is no host name and no IP address. Write it as in smtp.example.net.")
        raise InvalidPlace(words % {"host": host[:80]})
    return name


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None
