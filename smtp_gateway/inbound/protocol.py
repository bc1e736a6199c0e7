"""An inbound session (RFC 5321): anybody may bring mail to a return path, and nothing else.

Reading, limits, TLS and transcripts are those of submission. There is no log-in, no BDAT and no
DSN: what comes here is the end of the line.
"""

import logging
from dataclasses import dataclass, field
from datetime import UTC, date
from functools import lru_cache, partial
from typing import cast

from smtp_gateway.inbound import replies as inbound_replies
from smtp_gateway.inbound.door import Door, Entry
from smtp_gateway.inbound.intake import Returned
from smtp_gateway.inbound.services import InboundServices
from smtp_gateway.return_path.address import POSTMASTER
from smtp_gateway.submission import replies
from smtp_gateway.submission.address import parse_parameters, parse_path
from smtp_gateway.submission.data_reader import DataReader
from smtp_gateway.submission.mail_commands import behind
from smtp_gateway.submission.message import storable
from smtp_gateway.submission.protocol import SubmissionProtocol, commands_of
from smtp_gateway.submission.replies import Reply
from smtp_gateway.submission.services import Services
from smtp_gateway.submission.session import Transaction

_MAIL_KEYWORDS = frozenset({"SIZE", "BODY", "SMTPUTF8"})
_MAX_SIZE_DIGITS = 20

log = logging.getLogger(__name__)


@dataclass(slots=True)
class InboundTransaction(Transaction):
    """The envelope, with what its recipients stand for."""

    entries: dict[str, Entry] = field(default_factory=dict)
    """By address, in lower case."""


class InboundProtocol(SubmissionProtocol):
    """From greeting to goodbye."""

    def __init__(self, services: InboundServices) -> None:
        super().__init__(cast(Services, services))
        self._inbound = services

    @property
    def may_authenticate(self) -> bool:
        return False

    @property
    def _door(self) -> Door:
        return self._inbound.watch.door

    def smtp_EHLO(self, arg: str | None) -> None:  # noqa: N802
        if self._greeted(arg or "", is_extended=True):
            config, has_tls = self.services.config, bool(self.state.peer.tls)
            self.send(_ehlo(config.hostname, config.max_message_bytes, has_tls))

    def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        self.reply(self._refusal_now() or self._open_inbound(arg or ""))

    def _refusal_now(self) -> Reply | None:
        if not self.state.hello_name:
            return replies.SEND_EHLO_FIRST
        if self.state.transaction is not None:
            return replies.NESTED_MAIL
        if self.state.mails >= self.services.config.max_mails_per_session:
            return replies.TOO_MANY_MAILS
        if not self._inbound.watch.is_known:
            return replies.TRY_LATER
        has_room = self.services.buffered.has_room(0, self.services.config)
        return None if has_room else replies.INSUFFICIENT_STORAGE

    def _open_inbound(self, argument: str) -> Reply:
        text = behind("FROM:", argument)
        if text is None:
            return replies.MAIL_SYNTAX
        if text.startswith("<>"):
            address, rest = "", text[2:]
        elif (path := parse_path(text, self._getaddr)) is not None:
            address, rest = path.address, path.parameters
        else:
            return replies.BAD_SENDER_ADDRESS
        parameters = parse_parameters(rest)
        if parameters is None:
            return replies.MAIL_SYNTAX
        if refusal := self._refusal_of(parameters):
            return refusal
        self.state.transaction = InboundTransaction(address, "SMTPUTF8" in parameters)
        return replies.SENDER_OK

    def _refusal_of(self, parameters: dict[str, str | None]) -> Reply | None:
        if parameters.keys() - _MAIL_KEYWORDS:
            return replies.UNKNOWN_PARAMETER
        size = parameters.get("SIZE", "0") or ""
        body = (parameters.get("BODY", "7BIT") or "").upper()
        is_size = size.isascii() and size.isdigit() and len(size) <= _MAX_SIZE_DIGITS
        if not is_size or body not in ("7BIT", "8BITMIME"):
            return replies.BAD_PARAMETER
        limit = self.services.config.max_message_bytes
        return replies.too_large(limit) if int(size) > limit else None

    def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        self.reply(self._add_entry(arg or ""))

    def _add_entry(self, argument: str) -> Reply:
        transaction = self.state.transaction
        if not isinstance(transaction, InboundTransaction):
            return replies.MAIL_FIRST
        text = behind("TO:", argument)
        if text is None:
            return replies.RCPT_SYNTAX
        found = self._entry_of(text)
        if isinstance(found, Reply):
            return found
        if len(transaction.entries) >= self.services.config.max_recipients:
            return replies.TOO_MANY_RECIPIENTS
        transaction.entries.setdefault(found.address.lower(), found)
        self.state.fruitless_commands = max(0, self.state.fruitless_commands - 2)
        return replies.RECIPIENT_OK

    def _entry_of(self, text: str) -> Entry | Reply:
        now = self.services.now()
        found = self._entry_named(text, now.astimezone(UTC).date())
        if isinstance(found, Entry) and found.kind == "postmaster":
            is_full = self._inbound.postmaster.is_full(now.timestamp())
            return inbound_replies.POSTMASTER_IS_FULL if is_full else found
        return found

    def _entry_named(self, text: str, today: date) -> Entry | Reply:
        # The one mailbox that needs no domain (RFC 5321 section 4.1.1.3).
        if text.strip().lower() == f"<{POSTMASTER}>":
            return Entry(POSTMASTER, "postmaster")
        path = parse_path(text, self._getaddr)
        if path is None:
            return replies.BAD_RECIPIENT_ADDRESS
        if path.parameters:
            return replies.UNKNOWN_PARAMETER
        found = self._door.entry(path.local_part, path.domain, today)
        if isinstance(found, Reply):
            # As a wrong command: who guesses is soon sent away.
            self.state.errors += 1
        return found

    def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        transaction = self.state.transaction
        if not isinstance(transaction, InboundTransaction):
            return self.reply(replies.MAIL_FIRST)
        if arg:
            return self.reply(replies.NO_ARGUMENT)
        if not transaction.entries:
            return self.reply(replies.RCPT_FIRST)
        self.reply(replies.GO_AHEAD)
        self.flush()
        self.state.transaction = None
        reader = DataReader(self.services.config.max_message_bytes)
        then = partial(self._take_returned, reader, transaction)
        return self.receive(reader, then, transaction)

    def _take_returned(self, reader: DataReader, transaction: InboundTransaction) -> None:
        if reader.is_too_large:
            return self.reply(replies.too_large(self.services.config.max_message_bytes))
        content, entries = reader.message(), list(transaction.entries.values())
        if refusal := self._door.refusal(content, entries):
            self.state.errors += 1
            return self.reply(refusal)
        returned = Returned(
            received_at=self.services.now(),
            content=content,
            mail_from=storable(transaction.mail_from, 320),
            entries=entries,
            client_ip=self.state.peer.ip,
            session_id=self.state.session_id,
        )
        if any(entry.kind == "postmaster" for entry in entries):
            self._inbound.postmaster.take(returned.received_at.timestamp())
        self._inbound.returns.hand_in(returned, partial(self._kept, returned))
        return self.wait()

    def _kept(self, returned: Returned, is_kept: bool) -> None:
        if is_kept:
            self.transcript.mail_count += 1
            self.state.mails += 1
            self.state.fruitless_commands = 0
            self.mail_since = self.loop.time()
            facts = {"ip": returned.client_ip, "size": len(returned.content)}
            log.info("returned.taken", extra=facts | {"session_id": returned.session_id})
        self.reply(inbound_replies.TAKEN if is_kept else replies.TRY_LATER)
        self.ready()


@lru_cache(maxsize=16)
def _ehlo(hostname: str, max_message_bytes: int, has_tls: bool) -> bytes:
    keywords = [
        "PIPELINING",
        f"SIZE {max_message_bytes}",
        "8BITMIME",
        "SMTPUTF8",
        "ENHANCEDSTATUSCODES",
        *([] if has_tls else ["STARTTLS"]),
    ]
    return replies.hello(hostname, tuple(keywords))


_COMMANDS = (
    *("EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT", "VRFY", "EXPN", "HELP"),
    "STARTTLS",
)
InboundProtocol.commands = commands_of(InboundProtocol, _COMMANDS)
