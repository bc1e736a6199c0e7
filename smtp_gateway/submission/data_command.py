"""DATA: takes a message in, has it judged and fixed up, and gives 250 when it is durable."""

import asyncio
import logging
import time
from datetime import datetime, timedelta
from functools import lru_cache, partial

from smtp_gateway.identity import Sender
from smtp_gateway.queue import Client, Submission
from smtp_gateway.queue_id import new_queue_id
from smtp_gateway.quota.values import QuotaReached
from smtp_gateway.submission import judging, limit_checks, replies
from smtp_gateway.submission import message as messages
from smtp_gateway.submission.data_reader import DataReader
from smtp_gateway.submission.last_use import Use
from smtp_gateway.submission.lifetime_header import asked_lifetime, is_asked
from smtp_gateway.submission.mail_commands import MailCommands
from smtp_gateway.submission.message import Message, Trace
from smtp_gateway.submission.policy import NO_MEMORY, Refusal
from smtp_gateway.submission.quotas import Lease, Quotas
from smtp_gateway.submission.session import Transaction

log = logging.getLogger(__name__)


class DataCommand(MailCommands):
    """The command that ends a transaction."""

    def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        transaction, sender = self.state.transaction, self.state.sender
        if transaction is None or sender is None:
            return self.reply(replies.MAIL_FIRST)
        if arg:
            return self.reply(replies.NO_ARGUMENT)
        if transaction.chunks is not None:
            return self.reply(replies.DATA_AFTER_BDAT)
        if not transaction.recipients:
            return self.reply(replies.RCPT_FIRST)
        self.reply(replies.GO_AHEAD)
        # What was sent ahead of the 354 is data all the same, but the client waits for it.
        self.flush()
        self.state.transaction = None
        reader = DataReader(self.services.config.max_message_bytes)
        return self.receive(reader, partial(self._take, reader, transaction, sender), transaction)

    def give_up_mail(self, envelope: Transaction) -> None:
        self.state.transaction = None
        if self.state.sender is not None:
            return self.refuse(NO_MEMORY, envelope, self.state.sender)
        # Mail that came back is nobody's.
        log.warning("mail.refused", extra={"reason": NO_MEMORY.code, "ip": self.state.peer.ip})
        return self.reply(NO_MEMORY.reply)

    def _take(self, reader: DataReader, transaction: Transaction, sender: Sender) -> None:
        if reader.is_too_large:
            limit = self.services.config.max_message_bytes
            refusal = Refusal("too-large", replies.too_large(limit))
            return self.refuse(refusal, transaction, sender)
        return self.take_message(reader.message(), transaction, sender)

    def take_message(self, content: bytes, transaction: Transaction, sender: Sender) -> None:
        """Judges and queues a complete message; its reply comes when it is durable."""
        begun = time.perf_counter()
        message = judging.judged(content, sender_address=sender.address, policy=sender.policy)
        if isinstance(message, Refusal):
            return self.refuse(message, transaction, sender)
        if refusal := limit_checks.count_recipients(self.services, sender, transaction):
            return self.refuse(refusal, transaction, sender)
        return self._commit(message, transaction, sender, begun)

    def _commit(
        self, message: Message, envelope: Transaction, sender: Sender, begun: float
    ) -> None:
        now, recipients = self.services.now(), len(envelope.recipients)
        quotas = self.services.quotas
        lease = quotas.spend(sender, recipients, now) if quotas else None
        if quotas and lease is None:
            return self.run(self._commit_after_asking(quotas, message, envelope, sender, begun))
        submission = self._submission(message, envelope, sender, now, lease)
        done = partial(self._committed, submission, lease, envelope, begun)
        self.services.intake.hand_in(submission, done)
        return self.wait()

    async def _commit_after_asking(
        self, quotas: Quotas, message: Message, envelope: Transaction, sender: Sender, begun: float
    ) -> None:
        now = self.services.now()
        lease = await quotas.ask(sender, len(envelope.recipients), now)
        if isinstance(lease, QuotaReached):
            limit_checks.uncount_recipients(self.services, sender.address, envelope)
            reply = replies.quota_reached(lease, self.services.now())
            return self.refuse(Refusal(limit_checks.QUOTA_REACHED, reply), envelope, sender)
        submission = self._submission(message, envelope, sender, now, lease)
        is_durable: asyncio.Future[bool] = self.loop.create_future()
        self.services.intake.hand_in(submission, partial(_settled, quotas, lease, is_durable))
        return self._conclude(submission, envelope, begun, is_durable=await is_durable)

    def _committed(
        self,
        submission: Submission,
        lease: Lease | None,
        envelope: Transaction,
        begun: float,
        is_durable: bool,
    ) -> None:
        if lease is not None and self.services.quotas is not None:
            self.services.quotas.settle(lease, is_accepted=is_durable)
        self._conclude(submission, envelope, begun, is_durable=is_durable)
        self.ready()

    def _conclude(
        self, submission: Submission, envelope: Transaction, begun: float, *, is_durable: bool
    ) -> None:
        if is_durable:
            self.transcript.mail_count += 1
            self.reply(replies.queued(submission.queue_id))
            try:
                self._note_acceptance(submission, begun)
            except Exception:  # its one reply is given, whatever is wrong with the notes
                log.exception("session.fault", extra={"session_id": self.state.session_id})
        else:
            limit_checks.uncount_recipients(self.services, submission.sender_address, envelope)
            is_full = self.services.intake.lacks_space
            self.reply(replies.INSUFFICIENT_STORAGE if is_full else replies.TRY_LATER)

    def _note_acceptance(self, submission: Submission, begun: float) -> None:
        self.state.fruitless_commands = 0
        self.state.mails += 1
        self.mail_since = self.loop.time()
        self.services.metrics.mail_accepted(
            time.perf_counter() - begun,
            size_bytes=len(submission.content),
            recipients=len(submission.recipients),
        )
        if self.state.credential is not None:
            use = Use(submission.accepted_at, self.state.peer.ip)
            self.services.last_use.note(self.state.credential.id, use)
        log.info(
            "mail.accepted",
            extra={
                "session_id": submission.client.session_id,
                "queue_id": submission.queue_id,
                "sender": submission.sender_address,
                "recipients": len(submission.recipients),
                "size": len(submission.content),
                "ip": submission.client.ip,
                "tls": submission.client.tls,
            },
        )

    def _submission(
        self,
        message: Message,
        envelope: Transaction,
        sender: Sender,
        now: datetime,
        lease: Lease | None,
    ) -> Submission:
        trace = self._trace(envelope, now)
        content = messages.fix_up(message, trace, reply_to=sender.policy.added_reply_to)
        return Submission(
            queue_id=trace.queue_id,
            origin="smtp",
            mail_type=sender.mail_type,
            sender_address=sender.address,
            mail_from=envelope.mail_from,
            recipients=list(envelope.recipients.values()),
            content=content,
            accepted_at=now,
            expires_at=now + _lifetime(message, sender),
            message_id=messages.message_id(message, trace),
            subject=messages.subject(message),
            needs_smtputf8=_needs_smtputf8(message, envelope),
            is_8bit=not content.isascii(),
            client=self._client(),
            dsn=envelope.dsn,
            recipient_dsn=envelope.recipient_dsn,
            quota_lease=lease.id if lease else 0,
        )

    def _trace(self, envelope: Transaction, now: datetime) -> Trace:
        recipients = list(envelope.recipients.values())
        return Trace(
            hello_name=self.state.hello_name,
            client_ip=self.state.peer.ip,
            hostname=self.services.config.hostname,
            queue_id=new_queue_id(),
            accepted_at=now,
            tls=self.state.peer.tls,
            is_smtputf8=envelope.is_smtputf8,
            only_recipient=recipients[0] if len(recipients) == 1 else "",
        )

    def _client(self) -> Client:
        state = self.state
        return _client_of(state.peer.ip, state.hello_name, state.peer.tls[:100], state.session_id)


def _lifetime(message: Message, sender: Sender) -> timedelta:
    longest = sender.policy.lifetime
    return (asked_lifetime(message, longest) if is_asked(message) else None) or longest


def _settled(quotas: Quotas, lease: Lease, told: "asyncio.Future[bool]", is_durable: bool) -> None:
    quotas.settle(lease, is_accepted=is_durable)
    if not told.done():  # whoever waited was ended with its session
        told.set_result(is_durable)


# A session's mails share it.
_client_of = lru_cache(maxsize=1000)(Client)


def _needs_smtputf8(message: Message, envelope: Transaction) -> bool:
    """Whether the next hop must know SMTPUTF8 (RFC 6531 section 3.6)."""
    recipients_are_ascii = all(address.isascii() for address in envelope.recipients.values())
    return envelope.is_smtputf8 and not (recipients_are_ascii and message.has_ascii_header)
