"""MAIL and RCPT: the envelope (RFC 5321 sections 3.3 and 4.1.1, RFC 1870, RFC 6152, RFC 6531)."""

from smtp_gateway.identity import Sender
from smtp_gateway.submission import replies
from smtp_gateway.submission.address import Path, normalize, parse_parameters, parse_path
from smtp_gateway.submission.auth_commands import AuthCommands
from smtp_gateway.submission.replies import Reply
from smtp_gateway.submission.session import Transaction

_MAX_SIZE_DIGITS = 20  # RFC 1870 section 4
_Parameters = dict[str, str | None]


class MailCommands(AuthCommands):
    """The commands that build an envelope."""

    def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        sender, refusal = self.state.sender, self._refusal_of_mail()
        if refusal or sender is None:
            return self.reply(refusal or replies.LOG_IN_FIRST)
        if self.services.authentication.is_known_to_hold(sender):
            return self.reply(self._open_transaction(arg or "", sender))
        return self.run(self._mail_after_asking(arg or "", sender))

    async def _mail_after_asking(self, argument: str, sender: Sender) -> None:
        if await self.services.authentication.still_holds(sender):
            return self.reply(self._open_transaction(argument, sender))
        self.state.sender = None
        return self.reply(replies.LOG_IN_AGAIN)

    def _refusal_of_mail(self) -> Reply | None:
        state = self.state
        if not state.hello_name:
            return replies.SEND_EHLO_FIRST
        if state.sender is None:
            return replies.LOG_IN_FIRST if self.may_authenticate else replies.TLS_FIRST
        if state.transaction is not None:
            return replies.NESTED_MAIL
        return None

    def _open_transaction(self, argument: str, sender: Sender) -> Reply:
        text = _behind("FROM:", argument)
        if text is None:
            return replies.MAIL_SYNTAX
        if text == f"<{sender.address}>":
            return self._sender_ok(sender, is_smtputf8=False)
        if text.startswith("<>"):
            return replies.not_your_sender(sender.address)
        path = parse_path(text, self._getaddr)
        if path is None:
            return replies.BAD_SENDER_ADDRESS
        if not path.is_printable:
            return replies.UNPRINTABLE_SENDER
        if (parameters := parse_parameters(path.parameters)) is None:
            return replies.MAIL_SYNTAX
        if refusal := self._refusal_of_parameters(parameters):
            return refusal
        if normalize(path.address) != sender.address:
            return replies.not_your_sender(sender.address)
        return self._sender_ok(sender, is_smtputf8="SMTPUTF8" in parameters)

    def _sender_ok(self, sender: Sender, *, is_smtputf8: bool) -> Reply:
        self.state.fruitless_commands -= 1
        self.state.transaction = Transaction(sender.address, is_smtputf8)
        return replies.SENDER_OK

    def _refusal_of_parameters(self, parameters: _Parameters) -> Reply | None:
        if parameters.keys() - {"SIZE", "BODY", "SMTPUTF8", "AUTH"}:
            return replies.UNKNOWN_PARAMETER
        if not _are_well_formed(parameters):
            return replies.BAD_PARAMETER
        limit = self.services.config.max_message_bytes
        return replies.too_large(limit) if int(parameters.get("SIZE") or 0) > limit else None

    def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        self.reply(self._add_recipient(arg or ""))

    def _add_recipient(self, argument: str) -> Reply:
        transaction = self.state.transaction
        if transaction is None:
            return replies.MAIL_FIRST
        text = _behind("TO:", argument)
        if text is None:
            return replies.RCPT_SYNTAX
        path = parse_path(text, self._getaddr)
        if path is None:
            return replies.BAD_RECIPIENT_ADDRESS
        refusal = self._refusal_of_recipient(path, transaction)
        if refusal is None or refusal is replies.TOO_MANY_RECIPIENTS:
            # Neither is an error: what comes next may well be DATA.
            self.state.fruitless_commands -= 1
        if refusal is None:
            transaction.recipients.setdefault(path.identity, path.address)
        return refusal or replies.RECIPIENT_OK

    def _refusal_of_recipient(self, path: Path, transaction: Transaction) -> Reply | None:
        if path.parameters:
            return replies.UNKNOWN_PARAMETER
        if not path.is_printable:
            return replies.UNPRINTABLE_RECIPIENT
        if path.needs_smtputf8 and not transaction.is_smtputf8:
            return replies.NEEDS_SMTPUTF8
        is_known = path.identity in transaction.recipients
        is_full = len(transaction.recipients) >= self.services.config.max_recipients
        return replies.TOO_MANY_RECIPIENTS if is_full and not is_known else None


def _behind(keyword: str, argument: str) -> str | None:
    """What follows FROM: or TO:. A space behind the colon is wrong but common."""
    found, text = argument[: len(keyword)], argument[len(keyword) :]
    return text.strip() if found.upper() == keyword else None


def _are_well_formed(parameters: _Parameters) -> bool:
    size = parameters.get("SIZE", "0") or ""
    body = parameters.get("BODY", "7BIT") or ""
    return (
        size.isascii()
        and size.isdigit()
        and len(size) <= _MAX_SIZE_DIGITS
        and body.upper() in ("7BIT", "8BITMIME")
        and parameters.get("SMTPUTF8") is None
        and parameters.get("AUTH", "<>") is not None
    )
