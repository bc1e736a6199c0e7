"""BDAT (RFC 3030): a message in chunks whose sizes are said, instead of one that ends with a dot.

A chunk is read to its end, also one that is refused: its bytes are never taken for commands. Where
that would be far more than any mail may have, the session ends instead.
"""

from functools import partial

from smtp_gateway.submission import replies
from smtp_gateway.submission.chunk import Chunk, read_chunk_argument
from smtp_gateway.submission.chunk_reader import ChunkReader
from smtp_gateway.submission.data_command import DataCommand
from smtp_gateway.submission.policy import Refusal
from smtp_gateway.submission.replies import Reply
from smtp_gateway.submission.session import Transaction

# In the largest mails that are taken: of a refused chunk beyond this nothing is read. Up to it a
# client that sent the chunk along with its envelope hears why, and may go on.
_MOST_SKIPPED_MAILS = 2


class BdatCommand(DataCommand):
    """The other command that ends a transaction."""

    def smtp_BDAT(self, arg: str | None) -> None:  # noqa: N802
        chunk = read_chunk_argument(arg or "")
        if chunk is None:
            return self._hang_up(replies.BDAT_SYNTAX)
        refusal = self._refusal_of_chunk(chunk)
        if refusal:
            self._note_too_large(refusal)
            if chunk.size_bytes > _MOST_SKIPPED_MAILS * self.services.config.max_message_bytes:
                return self._hang_up(replies.CHUNK_TOO_LARGE)
            # Whatever is pipelined behind it belongs to a message that is not complete any more.
            self.state.transaction = None
        # A refused chunk is part of no mail, and nothing of it is kept that could be given up.
        envelope = self.state.transaction or Transaction("", is_smtputf8=False)
        reader = ChunkReader(chunk.size_bytes, self._chunks_before())
        then = partial(self._take_chunk, chunk, refusal)
        return self.receive(reader, then, envelope) if chunk.size_bytes else then()

    def _chunks_before(self) -> bytearray | None:
        transaction = self.state.transaction
        if transaction is None:
            return None
        if transaction.chunks is None:
            transaction.chunks = bytearray()
        return transaction.chunks

    def _note_too_large(self, refusal: Reply) -> None:
        transaction, sender = self.state.transaction, self.state.sender
        if transaction is not None and sender is not None and refusal.code == 552:
            self.note_refused_mail(Refusal("too-large", refusal), transaction, sender)

    def _hang_up(self, reply: Reply) -> None:
        self.state.transaction = None
        self.reply(reply)
        self.reply(replies.OUT_OF_STEP)
        self.finish(lingers=True)

    def _refusal_of_chunk(self, chunk: Chunk) -> Reply | None:
        transaction = self.state.transaction
        if transaction is None or self.state.sender is None:
            return replies.MAIL_FIRST
        if not transaction.recipients:
            return replies.RCPT_FIRST
        limit = self.services.config.max_message_bytes
        size_bytes = len(transaction.chunks or b"") + chunk.size_bytes
        return replies.too_large(limit) if size_bytes > limit else None

    def _take_chunk(self, chunk: Chunk, refusal: Reply | None) -> None:
        transaction, sender = self.state.transaction, self.state.sender
        if refusal or transaction is None or sender is None:
            return self.reply(refusal or replies.MAIL_FIRST)
        if not chunk.is_last:
            # As MAIL and RCPT, it leads to a mail, unless it is empty.
            self.state.fruitless_commands -= min(1, chunk.size_bytes)
            return self.reply(replies.chunk_taken(chunk.size_bytes))
        self.state.transaction = None
        return self.take_message(bytes(transaction.chunks or b""), transaction, sender)
