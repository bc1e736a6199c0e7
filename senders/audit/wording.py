"""The words of the audit log. A code that has none yet is shown as it is."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = str | Promise

KINDS: dict[str, Words] = {
    "sender_address": _("Sender addresses"),
    "dkim_key": _("DKIM keys"),
    "mail": _("Mail"),
    "caught_mail": _("Local mailbox"),
    "route": _("Routes"),
    "operator": _("People"),
    "invitation": _("Invitations"),
    "log_in_lock": _("Locks of log-ins"),
}

ACTIONS: dict[str, Words] = {
    "sender_address.created": _("Created the sender address"),
    "sender_address.deleted": _("Deleted the sender address"),
    "sender_address.suspended": _("Suspended the sender address"),
    "sender_address.resumed": _("Resumed the sender address"),
    "sender_address.reply_to_changed": _("Changed the reply-to address"),
    "sender_address.verification_requested": _("Asked for the return address to be verified"),
    "sender_address.credential_set": _("Set the SMTP password"),
    "sender_address.credential_added": _("Added an SMTP password"),
    "sender_address.credential_rotated": _("Rotated an SMTP password"),
    "sender_address.credential_revoked": _("Revoked an SMTP password"),
    "sender_address.credential_renamed": _("Renamed an SMTP password"),
    "sender_address.credential_all_revoked": _("Switched SMTP off"),
    "sender_address.test_mail_sent": _("Sent a test mail"),
    "sender_address.connection_checked": _("Checked the connection by a mail"),
    "dkim_key.generated": _("Generated the DKIM key"),
    "dkim_key.activated": _("Activated the DKIM key"),
    "dkim_key.retired": _("Retired the DKIM key"),
    "dkim_key.deleted": _("Deleted the DKIM key"),
    "mail.contents_seen": _("Opened the contents of a mail"),
    "mail.retried": _("Had mail tried at once"),
    "mail.cancelled": _("Cancelled mail"),
    "mail.released": _("Released mail that was set aside"),
    "mail.sent_again": _("Sent mail again"),
    "caught_mail.deleted": _("Deleted mail from the local mailbox"),
    "route.created": _("Added the route"),
    "route.changed": _("Changed the route"),
    "route.enabled": _("Switched the route on"),
    "route.disabled": _("Switched the route off"),
    "route.moved": _("Moved the route"),
    "route.deleted": _("Deleted the route"),
    "route.tested": _("Tested the route"),
    "operator.created": _("Added the person"),
    "operator.logged_in": _("Logged in"),
    "operator.logged_out": _("Logged out"),
    "operator.log_in_refused": _("Log-in refused"),
    "operator.password_changed": _("Changed the password"),
    "operator.role_changed": _("Changed the role"),
    "operator.deactivated": _("Deactivated the person"),
    "operator.reactivated": _("Reactivated the person"),
    "operator.removed": _("Removed the person"),
    "operator.password_reset": _("Set a new password by a link in a mail"),
    "operator.session_ended": _("Ended a session"),
    "operator.two_factor_added": _("Added a second factor"),
    "operator.two_factor_removed": _("Removed a second factor"),
    "operator.two_factor_reset": _("Reset two-factor at the command line"),
    "operator.recovery_codes_made": _("Made new recovery codes"),
    "invitation.created": _("Invited somebody"),
    "invitation.sent_again": _("Sent the invitation again"),
    "invitation.withdrawn": _("Withdrew the invitation"),
    "invitation.accepted": _("Accepted the invitation"),
    "log_in_lock.lifted": _("Lifted a lock of log-ins"),
}

FIELDS: dict[str, Words] = {
    "address": _("Address"),
    "algorithm": _("Algorithm"),
    "authenticator_app": _("Authenticator app"),
    "device": _("Device"),
    "ended_at": pgettext_lazy("password", "Ended"),
    "expires_at": _("Expires"),
    "finding": _("Finding"),
    "host": _("Host"),
    "is_enabled": _("Switched on"),
    "kind": _("Kind"),
    "mail_type": _("Mail type"),
    "mails_per_connection": _("Mails per connection"),
    "mails_per_minute": _("Mails per minute"),
    "max_connections": _("Connections at most"),
    "name": _("Name"),
    "names": _("Names"),
    "passkey": _("Passkey"),
    "password": _("Password"),
    "port": _("Port"),
    "position": _("Place"),
    "queue_id": _("Queue ID"),
    "queue_ids": _("Queue IDs"),
    "reason": _("Reason"),
    "recipient": _("Recipient"),
    "recovery_codes": _("Recovery codes"),
    "recipient_domains": _("Recipient domains"),
    "reply_to": _("Reply-to"),
    "role": _("Role"),
    "security": _("Encryption"),
    "selection": _("Selected"),
    "sender_domains": _("Sender domains"),
    "source_ipv4": _("Source address, IPv4"),
    "source_ipv6": _("Source address, IPv6"),
    "state": _("State"),
    "two_factor": _("Two-factor"),
    "user": _("User name"),
    "verify_tls": _("Certificate must be valid"),
    "with": _("Proven by"),
}


def action_words(code: str) -> Words:
    return ACTIONS.get(code, code)


def field_words(name: str) -> Words:
    return FIELDS.get(name, name.replace("_", " "))
