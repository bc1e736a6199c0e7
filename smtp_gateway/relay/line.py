"""A connection borrowed for mail after mail, and replaced where it ended between two of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtp_gateway.relay.classify import Ending
from smtp_gateway.relay.commands import Mail
from smtp_gateway.relay.pool import Pool
from smtp_gateway.relay.session import Session
from smtp_gateway.relay.transaction import NOBODY, Following, StaleSession, send
from smtp_gateway.relay_transcripts.notes import Dialogue


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a mail in a session."""

    next_hop: str
    tls: str
    """Version and cipher; empty: none."""
    tls_result: str
    offers_dsn: bool
    endings: Sequence[Ending]
    """One for each recipient, in their order."""
    dialogue: Dialogue | None = None


def _sent(session: Session, endings: Sequence[Ending]) -> Sent:
    notes = session.notes
    began = notes[0][0] if notes else session.opened_at
    return Sent(
        str(session.hop),
        session.tls,
        session.tls_result,
        "DSN" in session.extensions,
        endings,
        Dialogue(session.opening, began, session.mails, notes),
    )


class Line:
    """Takes a session when it first has a mail to send; `release` gives it back."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._session: Session | None = None

    @property
    def is_unanswered(self) -> bool:
        """Whether the next hop has a mail completely, and has not said whether it takes it."""
        return self._session is not None and self._session.is_unanswered

    async def send(self, mail: Mail, following: Following) -> Sent:
        """How it ended for each recipient, and in what session. Raises Ended."""
        session = self._session or await self._pool.take()
        try:
            return _sent(session, await self._send_in(session, mail, following))
        except StaleSession:
            session = await self._pool.take(fresh=True)
            return _sent(session, await self._send_in(session, mail, following))

    def release(self) -> None:
        """Gives the session back; with a mail begun in it, to be closed."""
        if self._session is not None:
            self._pool.give_back(self._session)
            self._session = None

    def hang_up(self) -> None:
        """Closes the session: another may understand each other better."""
        if self._session is not None:
            self._session.is_over = True
            self.release()

    async def _send_in(
        self, session: Session, mail: Mail, following: Following
    ) -> Sequence[Ending]:
        self._session = session
        is_last = session.mails + 1 >= self._pool.mails_per_connection
        try:
            return await send(session, mail, NOBODY if is_last else following)
        except BaseException:
            session.is_over = True
            raise
        finally:
            if not self._pool.is_good(session):
                self.release()
