"""What a check of the connection came to, in plain words, and what to do about it."""

from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.utils.translation import gettext as _

from senders.models import SenderAddress
from smtp_gateway import directory
from smtp_gateway.connection_check.check import Check, Outcome
from smtp_gateway.recorded.wording import recorded
from smtp_gateway.relay.classify import Ending, Fault
from smtp_gateway.relay.stage import Stage
from smtp_gateway.submission.password_hashes import groups, matching

Next = Literal["", "set-password", "resume", "credentials", "mail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The last word of a check. `next`: what would help, for a button."""

    is_good: bool
    title: str
    text: str
    next: Next = ""
    queue_id: str = ""


def finding_of(outcome: Outcome, check: Check, sender: SenderAddress) -> Finding:
    """Blocks: where a log-in was refused, the reason is looked up."""
    ending = outcome.ending
    if ending is None:
        return Finding(
            is_good=True,
            title=_("This connection works"),
            text=_("The gateway took the mail for %(recipient)s. Follow it in the mail log.")
            % {"recipient": check.recipient},
            next="mail",
            queue_id=outcome.queue_id,
        )
    if ending.reply is None:
        return Finding(False, *_of_fault(ending, check))
    if ending.stage is Stage.AUTH and ending.reply.code == 535:
        return _of_log_in(check.gateway.password, sender)
    return Finding(False, *_of_reply(ending))


def too_many() -> Finding:
    """Each check holds a thread of the console."""
    return Finding(
        is_good=False,
        title=_("Not checked"),
        text=_("Other checks are running. Try again in half a minute."),
    )


def _of_log_in(password: str, sender: SenderAddress) -> Finding:
    """The gateway tells nobody why; the console may tell an operator."""
    address = {"address": sender.display_address}
    now = directory.find_senders([sender.address]).get(sender.address)
    if now is None:
        return _refused(_("%(address)s is no sender address any more.") % address)
    if now.is_suspended:
        words = _("%(address)s is suspended: until it is resumed, no password lets anybody in.")
        return _refused(words % address, "resume")
    if not now.credentials:
        words = _("SMTP is off for %(address)s: no password works. Set one.")
        return _refused(words % address, "set-password")
    ended = {each.password_hash: each for each in now.ended}
    living = [each.password_hash for each in now.credentials]
    match = ended.get(matching(password, groups(living, list(ended), decoy=living[0])))
    if match is None:
        return _refused(_("This is none of the passwords of %(address)s.") % address, "credentials")
    words = {
        "expired": _("This is the password “%(name)s”, which has expired."),
        "revoked": _("This is the password “%(name)s”, which was revoked or replaced."),
    }[match.end or "revoked"]
    return _refused(words % {"name": match.name}, "credentials")


def _refused(text: str, following: Next = "") -> Finding:
    return Finding(is_good=False, title=_("Log-in refused"), text=text, next=following)


def _of_reply(ending: Ending) -> tuple[str, str]:
    code = ending.reply.code if ending.reply else 0
    match ending.stage:
        case Stage.AUTH if code in (421, 454):
            return _("Log-in locked"), _(
                "There were too many refused log-ins, or too many at once: the reply says which. "
                "Mend the password wherever it is wrong, and wait some minutes."
            )
        case Stage.MAIL:
            return _("Sender refused"), _("The reply says why. Only this very address may send.")
        case Stage.RCPT:
            return _("Recipient refused"), _("The reply says what is wrong with the recipient.")
    if code // 100 == 4:
        return _("Not now"), _(
            "The gateway cannot take the mail at the moment: the reply says why. An application "
            "has to try again; so can you."
        )
    return _("Refused"), _("The reply says why.")


def _of_fault(ending: Ending, check: Check) -> tuple[str, str]:
    gateway, host = str(check.gateway), settings.SMTP_CLIENT_HOST
    match ending.fault:
        case Fault.UNREACHABLE:
            return _("The gateway cannot be reached"), _(
                "From the console's machine nothing answers at %(gateway)s (%(detail)s). Check "
                "that the gateway runs, that SMTP_HOSTNAME is its name, and firewalls on the way. "
                "Where the console reaches it by another name, set SMTP_CHECK_HOST."
            ) % {"gateway": gateway, "detail": recorded(ending.detail)}
        case Fault.TLS if "certificate" in ending.detail:
            return _("The certificate is not trusted"), _(
                "TLS works, but %(detail)s. Applications that verify certificates, as they should, "
                "will refuse it too. Let TLS_CERT_FILE be a certificate for %(host)s from an "
                "authority that applications know, or let them trust the gateway's own."
            ) % {"detail": recorded(ending.detail), "host": host}
        case Fault.TLS:
            return _("No TLS"), _("The TLS handshake failed: %(detail)s.") % {
                "detail": recorded(ending.detail) or _("without a cause")
            }
        case Fault.TIMEOUT:
            return _("No answer in time"), _(
                "%(gateway)s stopped answering. Look at the gateway's log, and at its load."
            ) % {"gateway": gateway}
        case Fault.LOST:
            return _("The connection broke"), _(
                "%(gateway)s closed the connection in the middle. Look at the gateway's log, and "
                "at proxies on the way: a PROXY header may be expected here."
            ) % {"gateway": gateway}
        case Fault.PROTOCOL:
            return _("That is no SMTP server"), _(
                "Something else answers at %(gateway)s. Check SMTP_PORT and SMTPS_PORT."
            ) % {"gateway": gateway}
    return _("It did not work"), recorded(ending.detail)
