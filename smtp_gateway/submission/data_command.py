"""DATA: takes a message in, has it judged and fixed up, and gives 250 when it is durable."""

import logging
from datetime import datetime

from smtp_gateway import log_context
from smtp_gateway.identity import Sender
from smtp_gateway.queue import Client, Submission
from smtp_gateway.queue_id import new_queue_id
from smtp_gateway.submission import message as messages
from smtp_gateway.submission import policy, replies
from smtp_gateway.submission.data_reader import DataReader, has_bare_controls
from smtp_gateway.submission.mail_commands import MailCommands
from smtp_gateway.submission.message import Message, Trace
from smtp_gateway.submission.replies import Reply
from smtp_gateway.submission.session import Transaction

log = logging.getLogger(__name__)


class DataCommand(MailCommands):
    """The command that ends a transaction."""

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        transaction, sender = self.state.transaction, self.state.sender
        if transaction is None or sender is None:
            return self.reply(replies.MAIL_FIRST)
        if arg:
            return self.reply(replies.NO_ARGUMENT)
        if not transaction.recipients:
            return self.reply(replies.RCPT_FIRST)
        self.reply(replies.GO_AHEAD)
        self.state.transaction = None
        reader = await self._read_data()
        self.reply(await self._take(reader, transaction, sender))
        return None

    async def _read_data(self) -> DataReader:
        # What was sent ahead of the 354 is data all the same, but the client waits for it.
        await self.flush()
        reader = DataReader(self.services.config.max_message_bytes)
        while (rest := reader.feed(await self.read_chunk())) is None:
            pass
        self.put_back(rest)
        return reader

    async def _take(self, reader: DataReader, transaction: Transaction, sender: Sender) -> Reply:
        if reader.is_too_large:
            return replies.too_large(self.services.config.max_message_bytes)
        content = reader.message()
        if has_bare_controls(content):
            return self._refuse("bare-controls", replies.BARE_CONTROLS)
        message = messages.split(content)
        refusal = policy.judge(message, sender_address=sender.address)
        if refusal or message is None:
            return self._refuse(refusal.code, refusal.reply) if refusal else replies.TRY_LATER
        return await self._commit(self._submission(message, transaction, sender))

    def _refuse(self, code: str, reply: Reply) -> Reply:
        sender = self.state.sender.address if self.state.sender else ""
        facts = {"reason": code, "sender": sender, "ip": self.state.peer.ip}
        log.info("mail.refused", extra=facts)
        return reply

    async def _commit(self, submission: Submission) -> Reply:
        token = log_context.queue_id.set(submission.queue_id)
        try:
            if not await self.services.intake.commit(submission):
                return replies.TRY_LATER
            self._note_acceptance(submission)
        finally:
            log_context.queue_id.reset(token)
        return replies.queued(submission.queue_id)

    def _note_acceptance(self, submission: Submission) -> None:
        self.state.fruitless_commands = 0
        self.services.last_use.note(submission.sender_address, submission.accepted_at)
        log.info(
            "mail.accepted",
            extra={
                "sender": submission.sender_address,
                "recipients": len(submission.recipients),
                "size": len(submission.content),
                "ip": submission.client.ip,
                "tls": submission.client.tls,
            },
        )

    def _submission(self, message: Message, envelope: Transaction, sender: Sender) -> Submission:
        now = self.services.now()
        trace = self._trace(envelope, now)
        content = messages.fix_up(message, trace)
        return Submission(
            queue_id=trace.queue_id,
            origin="smtp",
            mail_type=sender.mail_type,
            sender_address=sender.address,
            mail_from=envelope.mail_from,
            recipients=list(envelope.recipients.values()),
            content=content,
            accepted_at=now,
            expires_at=now + self.services.config.mail_lifetime[sender.mail_type],
            message_id=messages.message_id(message, trace),
            subject=messages.subject(message),
            needs_smtputf8=_needs_smtputf8(message, envelope),
            is_8bit=not content.isascii(),
            client=self._client(),
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
        peer = self.state.peer
        return Client(peer.ip, self.state.hello_name, peer.tls[:100], self.state.session_id)


def _needs_smtputf8(message: Message, envelope: Transaction) -> bool:
    """Whether the next hop must know SMTPUTF8 (RFC 6531 section 3.6)."""
    recipients_are_ascii = all(address.isascii() for address in envelope.recipients.values())
    return envelope.is_smtputf8 and not (recipients_are_ascii and message.has_ascii_header)
