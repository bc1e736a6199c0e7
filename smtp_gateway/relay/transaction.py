"""One mail in an open session: MAIL, RCPT and DATA or BDAT, pipelined where the next hop can.

RFC 5321, 2920 and, where CHUNKING is offered, 3030. The content goes out byte for byte. 8-bit
content goes out as it is even where 8BITMIME is not offered, as most servers that lack the keyword
are 8-bit clean, and no MIME is ever rebuilt.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

from smtp_gateway.relay.classify import Ending, Fault, Stage
from smtp_gateway.relay.commands import Mail, commands, dot_stuffed, group, is_safe
from smtp_gateway.relay.noting import end_note
from smtp_gateway.relay.reply import Reply
from smtp_gateway.relay.session import FAULTS, Ended, Session, ended

_QUICK_SECONDS, _PATIENT_SECONDS = 0.1, 1.0


class StaleSession(Exception):
    """A session that was used before had ended; the mail has not been touched."""


class Following(Protocol):
    """Where the next mail of a session comes from, while the one before is under way."""

    def claim(self) -> Mail | None:
        """The mail that will be sent next; None: there is none yet."""

    def put_back(self) -> None:
        """The mail last claimed will not be sent next in this session after all."""


class _Nobody:
    def claim(self) -> None:
        return None

    def put_back(self) -> None:
        pass


NOBODY: Following = _Nobody()


async def send(session: Session, mail: Mail, following: Following = NOBODY) -> list[Ending]:
    """How it ended for each recipient, in their order; also when it is cancelled on the way.

    Raises StaleSession.
    """
    if session.ahead not in (None, mail):
        session.ahead = None
        raise StaleSession
    if mail.needs_smtputf8 and "SMTPUTF8" not in session.extensions:
        session.notes = []
        return [Ending(Stage.MAIL, fault=Fault.NO_SMTPUTF8)] * len(mail.recipients)
    session.notes = [session.ahead_note] if session.ahead_note is not None else []
    session.ahead_note = None
    await _reset(session)
    endings = await _Transaction(session, mail, following).run()
    session.mails += 1
    return endings


async def _reset(session: Session) -> None:
    if not session.must_reset:
        return
    try:
        reply = await session.command(Stage.MAIL, "RSET")
    except Ended:
        raise StaleSession from None
    if reply.kind != 2:
        raise StaleSession
    session.must_reset = False


class _Transaction:
    def __init__(self, session: Session, mail: Mail, following: Following) -> None:
        self._session, self._mail, self._following = session, mail, following
        self._endings: list[Ending | None] = [None] * len(mail.recipients)
        self._stage = Stage.MAIL

    async def run(self) -> list[Ending]:
        try:
            await self._converse()
        except Ended as ended:
            self._session.is_over = True
            if self._stage is Stage.MAIL and self._session.mails:
                raise StaleSession from None
            self._session.notes += end_note(ended.ending)
            self._end_rest(ended.ending)
        except asyncio.CancelledError:
            # Not raised again: how far it came decides whether the mail may arrive twice.
            self._session.is_over = True
            ending = self._cut_off()
            self._session.notes += end_note(ending)
            self._end_rest(ending)
        return [ending for ending in self._endings if ending is not None]

    def _cut_off(self) -> Ending:
        at_the_end = self._stage is Stage.FINAL_DOT
        if at_the_end and (reply := self._session.waiting_reply()) is not None:
            return Ending(self._stage, reply)
        return Ending(self._stage, fault=Fault.STOPPED)

    async def _converse(self) -> None:
        session = self._session
        is_pipelined = "PIPELINING" in session.extensions
        own = [] if session.ahead is not None else commands(session, self._mail)
        session.ahead = None
        if is_pipelined and own:
            try:
                session.wire.write(group(own))
            except FAULTS as fault:
                raise ended(Stage.MAIL, fault) from None
            session.notes.append((time.monotonic(), own))
        is_accepted = await self._mail_and_recipients([] if is_pipelined else own)
        if "CHUNKING" in session.extensions:
            if is_accepted:
                await self._chunk()
        elif is_accepted:
            await self._data(None if is_pipelined else "DATA")
        elif is_pipelined:
            await self._refuse_data()

    async def _mail_and_recipients(self, commands: Sequence[str]) -> bool:
        """Whether any recipient was accepted."""
        reply = await self._reply_to(Stage.MAIL, commands[0] if commands else None)
        if reply.kind != 2:
            self._end_rest(Ending(Stage.MAIL, reply))
            if not commands:
                for _ in self._mail.recipients:
                    await self._reply_to(Stage.RCPT)
            return False
        self._session.must_reset = True
        for number in range(len(self._mail.recipients)):
            reply = await self._reply_to(Stage.RCPT, commands[number + 1] if commands else None)
            if reply.kind != 2:
                self._endings[number] = Ending(Stage.RCPT, reply)
        return None in self._endings

    async def _data(self, command: str | None) -> None:
        reply = await self._reply_to(Stage.DATA, command)
        if reply.code != 354:
            self._end_rest(Ending(Stage.DATA, reply))
            return
        self._must_be_in_step()
        self._session.note(f"[{len(self._mail.content)} bytes]")
        await self._content(dot_stuffed(self._mail.content, behind=self._group_ahead()))
        await self._end_content()
        self._session.must_reset = False

    async def _chunk(self) -> None:
        """The content in one piece, as it is (RFC 3030 section 2)."""
        self._must_be_in_step()
        content = self._mail.content
        end = b"" if content.endswith(b"\r\n") or not content else b"\r\n"
        head = b"BDAT %d LAST\r\n" % (len(content) + len(end))
        self._stage = Stage.DATA
        self._session.note(f"{head[:-2].decode()} [{len(content)} bytes]")
        await self._content(b"".join((head, content, end, self._group_ahead())))
        reply = await self._end_content()
        self._session.must_reset = reply.kind != 2
        if reply.kind != 2 and self._session.ahead is not None:
            # It waits for RSET, and may hold the next mail's commands against that mail.
            self._session.is_over = True
            self._following.put_back()

    def _must_be_in_step(self) -> None:
        """No answer may be there before its question: it would be taken for that to the content."""
        if (reply := self._session.waiting_reply()) is None:
            return
        if reply.code == 421:
            raise Ended(Ending(self._stage, reply))
        # Nobody knows which answer belonged to which recipient.
        self._endings = [None] * len(self._endings)
        detail = f"an answer to nothing: {reply}"
        raise Ended(Ending(self._stage, fault=Fault.PROTOCOL, detail=detail))

    async def _end_content(self) -> Reply:
        """The answer to the complete mail."""
        self._stage = Stage.FINAL_DOT
        self._session.is_unanswered = True
        begun = time.monotonic()
        reply = await self._final_reply()
        self._session.is_unanswered = False
        self._session.is_quick = time.monotonic() - begun < _QUICK_SECONDS
        self._end_rest(Ending(Stage.FINAL_DOT, reply))
        self._session.is_over |= reply.code == 421
        return reply

    def _group_ahead(self) -> bytes:
        """The commands of the next mail, if they may go out now (RFC 2920 section 3.1)."""
        session = self._session
        if not session.is_quick or "PIPELINING" not in session.extensions:
            return b""
        mail = self._following.claim()
        if mail is None:
            return b""
        if mail.needs_smtputf8 or not is_safe(mail):
            self._following.put_back()
            return b""
        session.ahead = mail
        own = commands(session, mail)
        session.ahead_note = time.monotonic(), own
        return group(own)

    async def _final_reply(self) -> Reply:
        session, seconds = self._session, self._session.timeouts.final_dot
        if session.ahead is not None:
            try:
                reply = await session.wire.reply(min(seconds, _PATIENT_SECONDS))
            except TimeoutError:
                # This one takes long: the next had better go elsewhere.
                session.is_over = True
                self._following.put_back()
            except FAULTS as fault:
                raise ended(Stage.FINAL_DOT, fault) from None
            else:
                session.notes.append((time.monotonic(), reply))
                return reply
        return await session.reply(Stage.FINAL_DOT, seconds)

    async def _content(self, content: bytes) -> None:
        wire = self._session.wire
        try:
            await wire.write_all(content, self._session.timeouts.data_block)
        except FAULTS as fault:
            # Some next hops refuse a mail in its middle and hang up.
            if (early := self._session.waiting_reply()) is None:
                raise ended(Stage.DATA, fault) from None
            raise Ended(Ending(Stage.DATA, early)) from None

    async def _refuse_data(self) -> None:
        """Takes the answer to a DATA that was sent in vain (RFC 2920 section 3.1)."""
        try:
            if (await self._reply_to(Stage.DATA)).code == 354:
                await self._session.command(Stage.DATA, ".")
        except Ended:
            # Every recipient has its own answer already.
            self._session.is_over = True

    async def _reply_to(self, stage: Stage, command: str | None = None) -> Reply:
        self._stage = stage
        if command is not None:
            reply = await self._session.command(stage, command)
        else:
            reply = await self._session.reply(stage, self._session.timeouts.reply)
        if reply.code == 421:
            # The next hop closes now: what was not answered yet ends with this (section 3.8).
            raise Ended(Ending(stage, reply))
        return reply

    def _end_rest(self, ending: Ending) -> None:
        self._endings = [own or ending for own in self._endings]
