"""Makes submissions durable: a group commit, one writer per process.

While one transaction is being committed the next batch collects. Who waits hears True only when the
transaction that holds the whole mail is committed. Knows no SMTP.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence

from django.db import DatabaseError, DataError, IntegrityError

from smtp_gateway import queue
from smtp_gateway.bridge import DATABASE_AWAY
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.queue import Submission
from smtp_gateway.submission.metrics import Metrics
from smtp_gateway.wake import Waker

_MAX_BATCH_COUNT = 200
# Between batches of several mails, so that the next one has company too: a commit costs about as
# much as ten mails in it. Who sends alone never waits.
_GATHER_SECONDS = 0.001
# Who waited for a batch that took so long to fail fails with it: else each batch would take as
# long, one after the other, and nobody could tell a client when it is answered.
_LONG_SECONDS = 2.0
# The client library copies a batch twice.
_MAX_BATCH_BYTES = 8 * 1024 * 1024

# disk_full, out_of_memory
_NO_SPACE = frozenset({"53100", "53200"})

log = logging.getLogger(__name__)

Done = Callable[[bool], None]
_Waiting = tuple[Submission, Done]


class Intake:
    """The one writer. Close it only when nobody hands in any more."""

    def __init__(self, database: LoopDatabase, metrics: Metrics | None = None) -> None:
        self._database = database
        self._metrics = metrics or Metrics()
        self._waiting: deque[_Waiting] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._waker = Waker()
        self._kept: set[str] = set()
        """Queue ids of the batch's mails that were kept one by one."""
        self._is_away = False
        """The last batch found no database, or none that answers."""
        self.lacks_space = False
        """The last mail that was not kept found the database's disk or memory full."""

    def hand_in(self, submission: Submission, done: Done) -> None:
        """Calls `done` later: True where `submission` is durable with all its recipients.

        False: nothing of it is kept.
        """
        self._waiting.append((submission, done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    async def close(self) -> None:
        """Waits until everything handed in is committed or refused."""
        if self._writer is not None:
            await self._writer
        await self._waker.close()
        await self._database.close()

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, begun = self._next_batch(), time.monotonic()
                accepted = await self._accept([submission for submission, _ in batch])
                if any(accepted):
                    self._metrics.batch_committed(len(batch))
                    self._waker.wake(*{submission.mail_type for submission, _ in batch})
                for (submission, done), is_accepted in zip(batch, accepted, strict=True):
                    _tell(submission, done, is_accepted=is_accepted)
                if self._is_away and time.monotonic() - begun > _LONG_SECONDS:
                    self._refuse_who_waits()
                if 1 < len(batch) > len(self._waiting):
                    await asyncio.sleep(_GATHER_SECONDS)
        finally:
            self._writer = None

    def _refuse_who_waits(self) -> None:
        waiting, self._waiting = self._waiting, deque()
        for submission, done in waiting:
            _tell(submission, done, is_accepted=False)

    def _next_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size_bytes = 0
        while self._waiting and len(batch) < _MAX_BATCH_COUNT:
            size_bytes += len(self._waiting[0][0].content)
            if batch and size_bytes > _MAX_BATCH_BYTES:
                break
            batch.append(self._waiting.popleft())
        return batch

    async def _accept(self, submissions: Sequence[Submission]) -> list[bool]:
        self.lacks_space = self._is_away = False
        self._kept.clear()
        try:
            return await self._accept_each_or_all(submissions)
        except DATABASE_AWAY as error:
            self._is_away = True
            self.lacks_space = _sqlstate(error) in _NO_SPACE
            facts = {"error": repr(error), "mails": len(submissions)}
            log.error("database.away", extra=facts)  # noqa: TRY400 - the cause is known
        except Exception:  # the writer's edge: those who wait must hear of it
            log.exception("intake.fault", extra={"mails": len(submissions)})
        # A client told 451 would send again what is kept already.
        return [submission.queue_id in self._kept for submission in submissions]

    async def _accept_each_or_all(self, submissions: Sequence[Submission]) -> list[bool]:
        try:
            return await self._accept_what_can_be(submissions, again=False)
        except DATABASE_AWAY:
            if not self._database.may_be_done_all_the_same:
                raise
        # It may have been committed and only the answer lost, or be committed yet: a client told
        # 451 would send it twice.
        return await self._accept_what_can_be(submissions, again=True)

    async def _accept_what_can_be(
        self, submissions: Sequence[Submission], *, again: bool
    ) -> list[bool]:
        try:
            await queue.accept_on(self._database, submissions, again=again)
        except (DatabaseError, ValueError) as error:
            if not _is_about_a_mail(error):
                raise
            # Something in one mail that the tables cannot take: it must not stop the others.
            return [await self._accept_one(submission, again=again) for submission in submissions]
        return [True] * len(submissions)

    async def _accept_one(self, submission: Submission, *, again: bool) -> bool:
        try:
            await queue.accept_on(self._database, [submission], again=again)
        except (DatabaseError, ValueError) as error:
            if isinstance(error, DATABASE_AWAY):
                raise
            log.error(  # noqa: TRY400 - the traceback would show parts of the mail
                "intake.mail_failed", extra={"queue_id": submission.queue_id, "error": type(error)}
            )
            return False
        self._kept.add(submission.queue_id)
        return True


def _tell(submission: Submission, done: Done, *, is_accepted: bool) -> None:
    if not is_accepted:
        log.error("mail.not_accepted", extra={"queue_id": submission.queue_id})
    try:
        done(is_accepted)
    except Exception:  # one that waits must not stop the news for the others
        log.exception("intake.fault", extra={"queue_id": submission.queue_id})


def _is_about_a_mail(error: Exception) -> bool:
    """Whether the database is well and refuses data: SQLSTATE 54 is a limit of its program."""
    is_of_data = isinstance(error, DataError | IntegrityError | ValueError)
    return is_of_data or _sqlstate(error).startswith("54")


def _sqlstate(error: Exception) -> str:
    return getattr(error.__cause__, "sqlstate", None) or getattr(error, "sqlstate", None) or ""
