"""From what an operator typed to a check: where it connects, whom it trusts, what it sends."""

import ssl
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from cryptography import x509
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from senders.models import SenderAddress
from smtp_gateway.connection_check.check import Check
from smtp_gateway.relay.next_hop import NextHop, Security
from smtp_gateway.relay.protection import Protection
from smtp_gateway.sender_page.connection import self_signed_certificate

STARTTLS, TLS = "starttls", "tls"


def check_of(sender: SenderAddress, *, way: str, password: str, recipient: str) -> Check:
    """`way`: STARTTLS or TLS."""
    gateway = NextHop(
        host=settings.SMTP_CHECK_HOST,
        port=settings.SMTPS_PORT if way == TLS else settings.SMTP_PORT,
        security=Security.IMPLICIT if way == TLS else Security.REQUIRED,
        user=sender.address,
        password=password,
        verify_tls=True,
    )
    return Check(
        gateway,
        _protection(gateway.security),
        settings.SMTP_HOSTNAME,
        recipient,
        _mail(sender, recipient),
        beginning=_("Connecting to %(gateway)s.") % {"gateway": gateway},
    )


def _protection(security: Security) -> Protection:
    """That of an application: which trusts a self-signed certificate where it has that very one."""
    host, own = settings.SMTP_CLIENT_HOST, self_signed_certificate()
    if not own:
        return Protection(security, verify=True, server_name=host)

    def fault_of(chain: Sequence[bytes]) -> str:
        if not chain or chain[0] != ssl.PEM_cert_to_DER_cert(own):
            return "its certificate is another than the one in TLS_CERT_FILE"
        if host not in _names(own):
            return f"its certificate is not for {host}"
        return ""

    return Protection(security, server_name=host, fault_of=fault_of)


def _names(pem: str) -> list[str]:
    certificate = x509.load_pem_x509_certificate(pem.encode())
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses = names.get_values_for_type(x509.IPAddress)
    return [*names.get_values_for_type(x509.DNSName), *map(str, addresses)]


def _mail(sender: SenderAddress, recipient: str) -> bytes:
    mail = EmailMessage(policy=SMTP.clone(utf8=False))
    mail["From"] = Address(addr_spec=sender.address)
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = _("Connection check of %(address)s") % {"address": sender.address}
    mail["Date"] = format_datetime(timezone.now())
    mail["Message-ID"] = make_msgid(domain=sender.address.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_("The console sent this mail through the gateway, as an application does."))
    return mail.as_bytes()
