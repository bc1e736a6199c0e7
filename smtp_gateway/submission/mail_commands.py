"""MAIL and RCPT: the envelope (RFC 5321 sections 3.3 and 4.1.1).

Parameters: RFC 1870 SIZE, RFC 6152 BODY, RFC 6531 SMTPUTF8, RFC 4954 AUTH, RFC 3461 DSN.
"""

import logging
from collections.abc import Coroutine
from typing import Any

from smtp_gateway import dsn
from smtp_gateway.dsn import NO_MAIL_DSN, NO_RECIPIENT_DSN, BadValue, MailDsn, RecipientDsn
from smtp_gateway.identity import Sender
from smtp_gateway.submission import limit_checks, replies
from smtp_gateway.submission.address import Path, normalize, parse_parameters, parse_path
from smtp_gateway.submission.auth_commands import AuthCommands
from smtp_gateway.submission.message import storable
from smtp_gateway.submission.policy import Refusal
from smtp_gateway.submission.refused import Refused
from smtp_gateway.submission.replies import Reply
from smtp_gateway.submission.session import Transaction
from smtp_gateway.submission.suppression import Question, Suppressed

log = logging.getLogger(__name__)

# Times the recipients that a mail may have: refused ones that count for nothing.
_EXCUSED_BY_MAIL = 10
_MAX_SIZE_DIGITS = 20  # RFC 1870 section 4
_MAIL_KEYWORDS = frozenset({"SIZE", "BODY", "SMTPUTF8", "AUTH"}) | dsn.MAIL_KEYWORDS
_Parameters = dict[str, str | None]


class MailCommands(AuthCommands):
    """The commands that build an envelope."""

    def refuse(self, refusal: Refusal, envelope: Transaction, sender: Sender) -> None:
        """Replies what the policy decided, and has it shown in the mail log."""
        self.note_refused_mail(refusal, envelope, sender)
        self.reply(refusal.reply)

    def note_refused_mail(self, refusal: Refusal, envelope: Transaction, sender: Sender) -> None:
        """Has it shown in the mail log, where somebody else replies."""
        peer, reply = self.state.peer, refusal.reply
        facts = {"reason": refusal.code, "sender": sender.address, "ip": peer.ip}
        log.log(refusal.log_level, "mail.refused", extra=facts)
        self.services.metrics.refused(refusal.code)
        self.services.note_refusal(
            Refused(
                at=self.services.now(),
                sender_address=sender.address,
                mail_from=storable(envelope.mail_from, 320),
                recipients=[*envelope.recipients.values()],
                code=refusal.code,
                reply=f"{reply.code} {reply.enhanced} {reply.text}",
                client_ip=peer.ip,
                session_id=self.state.session_id,
            )
        )

    def _not_yours(self, sender: Sender, mail_from: str) -> Reply:
        reply = replies.not_your_sender(sender.address)
        refusal = Refusal("mail-from-not-sender", reply)
        self.note_refused_mail(refusal, Transaction(mail_from, is_smtputf8=False), sender)
        return reply

    def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        if self._has_sent_enough():
            self.reply(replies.TOO_MANY_MAILS)
            return self.finish(lingers=True)
        sender, refusal = self.state.sender, self._refusal_of_mail()
        if refusal or sender is None:
            return self.reply(refusal or replies.LOG_IN_FIRST)
        credential = self.state.credential
        if credential and (now := self.services.authentication.as_known(sender, credential)):
            self.state.sender = now
            return self.reply(self._open_transaction(arg or "", now))
        return self.run(self._mail_after_asking(arg or "", sender))

    async def _mail_after_asking(self, argument: str, sender: Sender) -> None:
        credential = self.state.credential
        if credential and (now := await self.services.authentication.as_it_is(sender, credential)):
            self.state.sender = now
            return self.reply(self._open_transaction(argument, now))
        self.state.sender = self.state.credential = None
        return self.reply(replies.LOG_IN_AGAIN)

    def _refusal_of_mail(self) -> Reply | None:
        state = self.state
        if not state.hello_name:
            return replies.SEND_EHLO_FIRST
        if state.sender is None:
            return replies.LOG_IN_FIRST if self.may_authenticate else replies.TLS_FIRST
        if state.transaction is not None:
            return replies.NESTED_MAIL
        if not self.services.buffered.has_room(0, self.services.config):
            return replies.INSUFFICIENT_STORAGE
        return None

    def _has_sent_enough(self) -> bool:
        state, config = self.state, self.services.config
        return (
            state.mails >= config.max_mails_per_session
            or state.recipients >= config.max_recipients_per_session
        )

    def _open_transaction(self, argument: str, sender: Sender) -> Reply:
        text = behind("FROM:", argument)
        if text is None:
            return replies.MAIL_SYNTAX
        if text == f"<{sender.address}>":
            return self._sender_ok(sender, is_smtputf8=False)
        if text.startswith("<>"):
            return self._not_yours(sender, "")
        path = parse_path(text, self._getaddr)
        if path is None:
            return replies.BAD_SENDER_ADDRESS
        if not path.is_printable:
            return replies.UNPRINTABLE_SENDER
        if (parameters := parse_parameters(path.parameters)) is None:
            return replies.MAIL_SYNTAX
        if refusal := self._refusal_of_parameters(parameters):
            return refusal
        try:
            asked = dsn.read_mail(parameters)
        except BadValue as error:
            return replies.bad_value(str(error))
        if normalize(path.address) != sender.address:
            return self._not_yours(sender, path.address)
        return self._sender_ok(sender, is_smtputf8="SMTPUTF8" in parameters, asked=asked)

    def _sender_ok(
        self, sender: Sender, *, is_smtputf8: bool, asked: MailDsn = NO_MAIL_DSN
    ) -> Reply:
        self.state.fruitless_commands -= 1
        if sender.policy.halted:
            return self._halted(sender)
        self.state.transaction = Transaction(sender.address, is_smtputf8, asked)
        return replies.SENDER_OK

    def _halted(self, sender: Sender) -> Reply:
        reply = replies.sender_halted(sender.policy.halted)
        refusal = Refusal("sender-halted", reply)
        self.note_refused_mail(refusal, Transaction(sender.address, is_smtputf8=False), sender)
        return reply

    def _refusal_of_parameters(self, parameters: _Parameters) -> Reply | None:
        if parameters.keys() - _MAIL_KEYWORDS:
            return replies.UNKNOWN_PARAMETER
        if (parameters.get("BODY") or "").upper() == "BINARYMIME":
            return replies.NO_BINARYMIME
        if not _are_well_formed(parameters):
            return replies.BAD_PARAMETER
        limit = self.services.config.max_message_bytes
        return replies.too_large(limit) if int(parameters.get("SIZE") or 0) > limit else None

    def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        answer = self._add_recipient(arg or "")
        if isinstance(answer, Reply):
            return self.reply(answer)
        return self.run(answer)

    def _add_recipient(self, argument: str) -> Reply | Coroutine[Any, Any, None]:
        """The reply, or what has to be waited for and gives it."""
        transaction = self.state.transaction
        if transaction is None:
            return replies.MAIL_FIRST
        text = behind("TO:", argument)
        if text is None:
            return replies.RCPT_SYNTAX
        path = parse_path(text, self._getaddr)
        if path is None:
            return replies.BAD_RECIPIENT_ADDRESS
        if transaction.chunks is not None:
            return replies.RCPT_AFTER_BDAT
        asked = _recipient_dsn(path, transaction) if path.parameters else NO_RECIPIENT_DSN
        if isinstance(asked, Reply):
            return asked
        if refusal := self._refusal_of_recipient(path, transaction):
            if refusal.code == 452:
                self._excuse(transaction)
            return refusal
        sender = self.state.sender
        if sender is None:
            return replies.LOG_IN_FIRST
        if refusal := self._refusal_of_one_more(path, transaction, sender):
            return refusal
        found = self.services.suppressed(sender, path.address)
        if found is None or isinstance(found, Suppressed):
            return self._recipient_judged(path, asked, transaction, sender, found)
        return self._recipient_after_asking(path, asked, transaction, sender, found)

    def _excuse(self, transaction: Transaction) -> None:
        """Takes back that a refused RCPT was fruitless: what comes next may well be DATA."""
        transaction.refused_recipients += 1
        most = _EXCUSED_BY_MAIL * self.services.config.max_recipients
        if transaction.refused_recipients <= most:
            self.state.fruitless_commands -= 1

    async def _recipient_after_asking(
        self,
        path: Path,
        asked: RecipientDsn,
        transaction: Transaction,
        sender: Sender,
        question: Question,
    ) -> None:
        found = await question
        self.reply(self._recipient_judged(path, asked, transaction, sender, found))

    def _recipient_judged(
        self,
        path: Path,
        asked: RecipientDsn,
        transaction: Transaction,
        sender: Sender,
        found: Suppressed | None,
    ) -> Reply:
        if found is not None:
            return self._suppressed_recipient(path, transaction, sender, found)
        self.state.fruitless_commands -= 1
        address = transaction.recipients.setdefault(path.identity, path.address)
        if asked is not NO_RECIPIENT_DSN:
            transaction.recipient_dsn.setdefault(address, asked)
        self.state.recipients += 1
        return replies.RECIPIENT_OK

    def _suppressed_recipient(
        self, path: Path, transaction: Transaction, sender: Sender, found: Suppressed
    ) -> Reply:
        # The application cannot know: a list with many of them goes on.
        self._excuse(transaction)
        reply = replies.suppressed(found)
        refusal = Refusal("recipient-suppressed", reply)
        self._note_refused_recipient(refusal, path, transaction, sender)
        return reply

    def _refusal_of_recipient(self, path: Path, transaction: Transaction) -> Reply | None:
        if not path.is_printable:
            return replies.UNPRINTABLE_RECIPIENT
        if path.needs_smtputf8 and not transaction.is_smtputf8:
            return replies.NEEDS_SMTPUTF8
        if self.state.recipients >= self.services.config.max_recipients_per_session:
            return replies.TOO_MANY_RECIPIENTS_OF_SESSION
        return None

    def _refusal_of_one_more(
        self, path: Path, transaction: Transaction, sender: Sender
    ) -> Reply | None:
        if path.identity in transaction.recipients:
            return None
        checked = limit_checks.refusal_of_one_more
        refusal = checked(self.services, sender, transaction, path.identity)
        if refusal is None:
            return None
        self._excuse(transaction)
        # The mail log is told once of each mail, and of none that was only too large.
        if not transaction.has_noted_refusal and refusal.reply is not replies.TOO_MANY_RECIPIENTS:
            transaction.has_noted_refusal = True
            self._note_refused_recipient(refusal, path, transaction, sender)
        return refusal.reply

    def _note_refused_recipient(
        self, refusal: Refusal, path: Path, transaction: Transaction, sender: Sender
    ) -> None:
        of_this = Transaction(transaction.mail_from, is_smtputf8=transaction.is_smtputf8)
        of_this.recipients[path.identity] = path.address
        self.note_refused_mail(refusal, of_this, sender)


def behind(keyword: str, argument: str) -> str | None:
    """What follows FROM: or TO:. A space behind the colon is wrong but common."""
    found, text = argument[: len(keyword)], argument[len(keyword) :]
    return text.strip() if found.upper() == keyword else None


def _recipient_dsn(path: Path, transaction: Transaction) -> RecipientDsn | Reply:
    """What the parameters ask for, or what is wrong with them."""
    parameters = parse_parameters(path.parameters)
    if parameters is None:
        return replies.RCPT_SYNTAX
    if parameters.keys() - dsn.RCPT_KEYWORDS:
        return replies.UNKNOWN_PARAMETER
    try:
        return dsn.read_recipient(parameters, is_smtputf8=transaction.is_smtputf8)
    except BadValue as error:
        return replies.bad_value(str(error))


def _are_well_formed(parameters: _Parameters) -> bool:
    size = parameters.get("SIZE", "0") or ""
    body = parameters.get("BODY", "7BIT") or ""
    auth = parameters.get("AUTH", "<>") or ""
    return (
        size.isascii()
        and size.isdigit()
        and len(size) <= _MAX_SIZE_DIGITS
        and body.upper() in ("7BIT", "8BITMIME")
        and parameters.get("SMTPUTF8") is None
        and (auth == "<>" or dsn.is_xtext(auth))
    )
