"""Who may do what: every address of the console, and what it takes to see it and to act there.

The specification of roles. A page that stands in `urls.py` and not here fails the tests.
"""

from dataclasses import dataclass

OPEN, EVERYBODY = "open", "everybody"
"""Without a log-in; by whoever is logged in. Anything else is a permission."""

ADDRESSES = "senders.change_senderaddress"
KEYS = "senders.change_dkimkey"
DOMAINS = "senders.change_senderdomain"
CHECKS = "senders.check_senderdomain"
SUPPRESSIONS = "senders.change_suppression"
ALL_SUPPRESSIONS = "senders.change_all_suppressions"
AUDIT = "senders.view_auditentry"
MAIL = "smtp_gateway.act_on_mail"
CONTENTS = "smtp_gateway.view_contents"
POLICIES = "senders.change_policy"
ROUTES = "smtp_gateway.change_route"
STANDINGS = "senders.change_standing"
LETTERS = "smtp_gateway.view_letters"
PEOPLE = "directmail.change_operator"

_OF_OPERATORS = {EVERYBODY, ADDRESSES, CHECKS, AUDIT, MAIL, CONTENTS, SUPPRESSIONS}
ROLES = {
    "viewer": {EVERYBODY},
    "operator": _OF_OPERATORS,
    "admin": {
        *_OF_OPERATORS,
        DOMAINS,
        POLICIES,
        KEYS,
        ROUTES,
        PEOPLE,
        LETTERS,
        STANDINGS,
        ALL_SUPPRESSIONS,
    },
}

_CREDENTIAL = "sender-addresses/<int:pk>/credentials/<int:credential_pk>"


@dataclass(frozen=True)
class Gate:
    """What it takes to see the page, and to act on it; None: that is no way to ask for it."""

    see: str | None
    act: str | None = None
    is_of_allauth: bool = False
    """Takes PUT for POST and finds no form in it, so that nothing changes all the same."""
    needs_debug: bool = False
    """Not there for whoever is logged in."""


PAGES = {
    "": Gate(EVERYBODY),
    "health/check/": Gate(None, MAIL),
    "healthz": Gate(OPEN),
    "static/console.css": Gate(OPEN),
    "theme/": Gate(None, OPEN),
    "styleguide/": Gate(EVERYBODY, needs_debug=True),
    "login/": Gate(OPEN, OPEN, is_of_allauth=True),
    "logout/": Gate(OPEN, OPEN, is_of_allauth=True),
    "verify/<str:token>/": Gate(OPEN, OPEN),
    "u/<str:token>": Gate(OPEN, OPEN),
    # The own account
    "login/passkey/": Gate(OPEN, OPEN, is_of_allauth=True),
    "account/": Gate(EVERYBODY),
    "account/confirm/": Gate(EVERYBODY, EVERYBODY, is_of_allauth=True),
    "account/password/": Gate(EVERYBODY, EVERYBODY, is_of_allauth=True),
    "account/password/set/": Gate(EVERYBODY),
    "account/password/forgotten/": Gate(OPEN, OPEN, is_of_allauth=True),
    "account/password/forgotten/sent/": Gate(OPEN),
    "account/password/forgotten/done/": Gate(OPEN),
    "account/password/forgotten/<uidb36>-<key>/": Gate(OPEN, OPEN, is_of_allauth=True),
    "account/email/": Gate(EVERYBODY, EVERYBODY),
    "account/email/withdraw/": Gate(None, EVERYBODY),
    "email/<str:token>/": Gate(OPEN, OPEN),
    "account/sessions/end-others/": Gate(None, EVERYBODY),
    "account/sessions/<int:pk>/end/": Gate(None, EVERYBODY),
    "account/two-factor/": Gate(EVERYBODY),
    "account/two-factor/required/": Gate(EVERYBODY),
    "account/two-factor/code/": Gate(OPEN, OPEN, is_of_allauth=True),
    "account/two-factor/confirm/": Gate(EVERYBODY, EVERYBODY, is_of_allauth=True),
    "account/two-factor/app/add/": Gate(EVERYBODY, EVERYBODY, is_of_allauth=True),
    "account/two-factor/app/remove/": Gate(EVERYBODY, EVERYBODY, is_of_allauth=True),
    "account/recovery-codes/": Gate(EVERYBODY, is_of_allauth=True),
    "account/recovery-codes/new/": Gate(EVERYBODY, EVERYBODY, is_of_allauth=True),
    "account/recovery-codes/download/": Gate(EVERYBODY, is_of_allauth=True),
    "account/passkeys/": Gate(EVERYBODY),
    "account/passkeys/add/": Gate(EVERYBODY, EVERYBODY, is_of_allauth=True),
    "account/passkeys/confirm/": Gate(EVERYBODY, EVERYBODY, is_of_allauth=True),
    "account/passkeys/<int:pk>/rename/": Gate(EVERYBODY, EVERYBODY, is_of_allauth=True),
    "account/passkeys/<int:pk>/remove/": Gate(EVERYBODY, EVERYBODY, is_of_allauth=True),
    "account/preferences/": Gate(EVERYBODY, EVERYBODY),
    # People
    "people/invite/": Gate(PEOPLE, PEOPLE),
    "people/invitations/<int:pk>/send-again/": Gate(None, PEOPLE),
    "people/invitations/<int:pk>/withdraw/": Gate(PEOPLE, PEOPLE),
    "invitation/<str:token>/": Gate(OPEN, OPEN),
    "people/": Gate(PEOPLE),
    "people/<int:pk>/email/": Gate(PEOPLE, PEOPLE),
    "people/<int:pk>/email/withdraw/": Gate(None, PEOPLE),
    "people/<int:pk>/role/": Gate(PEOPLE, PEOPLE),
    "people/<int:pk>/deactivate/": Gate(PEOPLE, PEOPLE),
    "people/<int:pk>/reactivate/": Gate(PEOPLE, PEOPLE),
    "people/<int:pk>/two-factor/reset/": Gate(PEOPLE, PEOPLE),
    "people/<int:pk>/remove/": Gate(PEOPLE, PEOPLE),
    "suppressions/": Gate(EVERYBODY),
    "suppressions/export/": Gate(EVERYBODY),
    "suppressions/add/": Gate(SUPPRESSIONS, SUPPRESSIONS),
    "suppressions/lift/": Gate(SUPPRESSIONS, SUPPRESSIONS),
    "suppressions/import/": Gate(ALL_SUPPRESSIONS, ALL_SUPPRESSIONS),
    "suppressions/import/<int:pk>/": Gate(ALL_SUPPRESSIONS, ALL_SUPPRESSIONS),
    "suppressions/<int:pk>/": Gate(EVERYBODY),
    "audit/": Gate(AUDIT),
    "audit/export/": Gate(AUDIT),
    # Sender addresses
    "sender-addresses/": Gate(EVERYBODY),
    "sender-addresses/<int:pk>/": Gate(EVERYBODY),
    "sender-addresses/<int:pk>/mails/": Gate(EVERYBODY),
    "sender-addresses/certificate/": Gate(EVERYBODY),
    "sender-addresses/export/": Gate(EVERYBODY),
    "sender-addresses/ticked/<name>/": Gate(ADDRESSES, ADDRESSES),
    "sender-addresses/create/": Gate(ADDRESSES, ADDRESSES),
    "sender-addresses/<int:pk>/reply-to/": Gate(ADDRESSES, ADDRESSES),
    "sender-addresses/<int:pk>/reply-to/smtp/": Gate(ADDRESSES, ADDRESSES),
    "sender-addresses/<int:pk>/reply-to/verify/": Gate(ADDRESSES, ADDRESSES),
    "sender-addresses/<int:pk>/reply-to/state/": Gate(EVERYBODY),
    "sender-addresses/<int:pk>/smtp-password/": Gate(ADDRESSES, ADDRESSES),
    "sender-addresses/<int:pk>/smtp-off/": Gate(ADDRESSES, ADDRESSES),
    "sender-addresses/<int:pk>/credentials/": Gate(EVERYBODY),
    "sender-addresses/<int:pk>/credentials/add/": Gate(ADDRESSES, ADDRESSES),
    f"{_CREDENTIAL}/rotate/": Gate(ADDRESSES, ADDRESSES),
    f"{_CREDENTIAL}/revoke/": Gate(ADDRESSES, ADDRESSES),
    f"{_CREDENTIAL}/rename/": Gate(ADDRESSES, ADDRESSES),
    "sender-addresses/<int:pk>/suspend/": Gate(ADDRESSES, ADDRESSES),
    "sender-addresses/<int:pk>/resume/": Gate(ADDRESSES, ADDRESSES),
    "sender-addresses/<int:pk>/delete/": Gate(ADDRESSES, ADDRESSES),
    "sender-addresses/<int:pk>/check-connection/": Gate(MAIL, MAIL),
    "sender-addresses/<int:pk>/test-mail/": Gate(MAIL, MAIL),
    # Standing
    "sender-addresses/<int:pk>/not-bulk/": Gate(STANDINGS, STANDINGS),
    "sender-addresses/<int:pk>/standing/": Gate(EVERYBODY),
    "sender-addresses/<int:pk>/standing/limit/": Gate(STANDINGS, STANDINGS),
    "sender-addresses/<int:pk>/standing/release/": Gate(STANDINGS, STANDINGS),
    "preview/": Gate(MAIL, MAIL),
    "standings/": Gate(EVERYBODY),
    "standings/what-if/": Gate(EVERYBODY),
    "standings/levels/": Gate(STANDINGS, STANDINGS),
    "standings/warm-up/<str:name>/": Gate(STANDINGS, STANDINGS),
    # Domains
    "domains/": Gate(EVERYBODY),
    "domains/export/": Gate(EVERYBODY),
    "domains/add/": Gate(DOMAINS, DOMAINS),
    "domains/<int:pk>/": Gate(EVERYBODY),
    "domains/<int:pk>/check/": Gate(None, CHECKS),
    "domains/<int:pk>/rotate/": Gate(DOMAINS, DOMAINS),
    "domains/<int:pk>/return-path/": Gate(DOMAINS, DOMAINS),
    "domains/<int:pk>/remove/": Gate(DOMAINS, DOMAINS),
    # Policies
    "policies/": Gate(EVERYBODY),
    "policies/<mail_type>/": Gate(POLICIES, POLICIES),
    # DKIM keys
    "dkim-keys/": Gate(EVERYBODY),
    "dkim-keys/export/": Gate(EVERYBODY),
    "dkim-keys/generate/": Gate(KEYS, KEYS),
    "dkim-keys/<int:pk>/activate/": Gate(KEYS, KEYS),
    "dkim-keys/<int:pk>/retire/": Gate(KEYS, KEYS),
    "dkim-keys/<int:pk>/delete/": Gate(KEYS, KEYS),
    # Mail
    "mail-log/": Gate(EVERYBODY),
    "mail-log/export/": Gate(EVERYBODY),
    "mail-log/<queue_id:queue_id>/": Gate(EVERYBODY),
    "mail-log/<queue_id:queue_id>/headers/": Gate(EVERYBODY),
    "mail-log/<queue_id:queue_id>/attempts/<int:pk>/": Gate(EVERYBODY),
    "mail-log/<queue_id:queue_id>/contents/": Gate(CONTENTS),
    "mail-log/<queue_id:queue_id>/contents/html/": Gate(CONTENTS),
    "mail-log/<queue_id:queue_id>/source/": Gate(CONTENTS),
    "mail-log/<queue_id:queue_id>/attachments/<int:number>/": Gate(CONTENTS),
    "mail-log/actions/": Gate(AUDIT),
    "mail-log/actions/export/": Gate(AUDIT),
    "mail-log/actions/<action:name>/": Gate(MAIL, MAIL),
    "mailbox/": Gate(EVERYBODY),
    "mailbox/export/": Gate(EVERYBODY),
    "mailbox/delete/": Gate(MAIL, MAIL),
    "mailbox/<queue_id:queue_id>/": Gate(CONTENTS),
    "mailbox/<queue_id:queue_id>/html/": Gate(CONTENTS),
    "mailbox/<queue_id:queue_id>/source/": Gate(CONTENTS),
    "mailbox/<queue_id:queue_id>/attachments/<int:number>/": Gate(CONTENTS),
    "returns/": Gate(EVERYBODY),
    "returns/export/": Gate(EVERYBODY),
    "returns/<int:pk>/": Gate(EVERYBODY),
    "returns/<int:pk>/contents/": Gate(CONTENTS),
    "returns/<int:pk>/source/": Gate(CONTENTS),
    "smtp-sessions/": Gate(EVERYBODY),
    "smtp-sessions/export/": Gate(EVERYBODY),
    "smtp-sessions/<session_id:session_id>/": Gate(EVERYBODY),
    # Routes
    "routes/": Gate(EVERYBODY),
    "routes/export/": Gate(EVERYBODY),
    "routes/add/": Gate(ROUTES, ROUTES),
    "routes/<int:pk>/": Gate(ROUTES, ROUTES),
    "routes/<int:pk>/move/": Gate(None, ROUTES),
    "routes/<int:pk>/enable/": Gate(None, ROUTES),
    "routes/<int:pk>/disable/": Gate(None, ROUTES),
    "routes/<int:pk>/delete/": Gate(ROUTES, ROUTES),
    "routes/<int:pk>/test/": Gate(MAIL, MAIL),
    "routes/default/test/": Gate(MAIL, MAIL),
}
