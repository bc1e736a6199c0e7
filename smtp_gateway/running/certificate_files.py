"""The certificate's files, as the supervising process takes them in: at the start and on SIGHUP."""

import logging
import ssl
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from smtp_gateway.submission.certificate import (
    ensure_self_signed,
    expiry,
    renew,
    server_context,
)

log = logging.getLogger(__name__)


class UnusableCertificate(Exception):
    """One sentence that names the settings."""


class CertificateFiles:
    """`own_name`: the host to make a certificate for where these files are ours and missing."""

    def __init__(self, certificate: Path, key: Path, own_name: str | None = None) -> None:
        self.certificate, self.key, self._own_name = certificate, key, own_name
        self.expires_at: datetime
        """Of the certificate in use; set by `context`."""

    def context(self) -> ssl.SSLContext:
        """For all workers: made once, so that a TLS session resumes at any of them.

        Raises UnusableCertificate.
        """
        try:
            self._make_if_ours()
            context = server_context(self.certificate, self.key)
            self._note_expiry()
        except (OSError, ssl.SSLError, ValueError) as error:
            raise UnusableCertificate(self._sentence(error)) from None
        return context

    def renew(self, context: ssl.SSLContext) -> bool:
        """Takes the files in once more; False: they are no good, and `context` is as before."""
        try:
            self._make_if_ours()
            renew(context, self.certificate, self.key)
            self._note_expiry()
        except (OSError, ssl.SSLError, ValueError) as error:
            facts = {"problem": f"{self._sentence(error)} The one in use stays."}
            log.error("tls.not_renewed", extra=facts)  # noqa: TRY400 - said in full
            return False
        facts = {"file": str(self.certificate), "expires_at": self.expires_at.isoformat()}
        log.info("tls.renewed", extra=facts)
        return True

    def _make_if_ours(self) -> None:
        if self._own_name is not None:
            ensure_self_signed(
                self.certificate, self.key, hostname=self._own_name, now=timezone.now()
            )

    def _note_expiry(self) -> None:
        self.expires_at = expiry(self.certificate)
        if self.expires_at < timezone.now():
            facts = {"file": str(self.certificate), "at": self.expires_at.isoformat()}
            log.warning("tls.expired", extra=facts)

    def _sentence(self, error: Exception) -> str:
        return (
            f"Cannot use the certificate {self.certificate} with the key {self.key} ({error}): "
            "set TLS_CERT_FILE and TLS_KEY_FILE."
        )
