"""Whether one more wrong password may be tried: asked before any is verified.

Counts in Redis, for all gateways; while Redis is away in this process, and what was counted here in
that time goes on counting beside Redis when it is back.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from smtp_gateway.submission import replies
from smtp_gateway.submission.auth_trace import loggable
from smtp_gateway.submission.config import Config
from smtp_gateway.submission.failures import Attempt, FailureMemory, Standing
from smtp_gateway.submission.replies import Reply
from smtp_gateway.submission.shared_failures import REDIS_AWAY, SharedFailures

# Applications log in far more often than once a week.
HOME_SECONDS = 7 * 24 * 3600.0
_ASK_AGAIN_SECONDS = 3.0

R = TypeVar("R")
log = logging.getLogger(__name__)


class LogInBudget:
    """`shared` is asked first. `clock` gives seconds since the epoch."""

    def __init__(self, shared: SharedFailures, clock: Callable[[], float] = time.time) -> None:
        self._shared = shared
        self._memory = FailureMemory(home_seconds=HOME_SECONDS)
        self._clock = clock
        self._is_away = False
        self._ask_again_at = 0.0

    async def refusal(self, attempt: Attempt, config: Config) -> Reply | None:
        """None: a password may be verified."""
        now, window = self._clock(), config.auth_failure_window.total_seconds()
        here = self._memory.standing(attempt, now, window)
        there = await self._ask(lambda: self._shared.standing(attempt, now, window))
        standing = here + (there or Standing())
        if standing.of_place >= config.max_auth_failures_per_ip:
            return replies.AUTH_LOCKED_IP
        if standing.against_user >= config.max_auth_failures_per_user:
            return replies.AUTH_LOCKED_USER
        return None

    async def note_failure(self, attempt: Attempt, config: Config) -> None:
        now, window = self._clock(), config.auth_failure_window.total_seconds()
        there = await self._ask(lambda: self._shared.note_failure(attempt, now, window))
        if there is None:
            here = self._memory.note_failure(attempt, now, window)
        else:
            here = self._memory.standing(attempt, now, window)
        self._log_lock(attempt, here + (there or Standing()), config)

    async def note_success(self, attempt: Attempt) -> None:
        """From here its user name is at home at this place."""
        if not await self._ask(lambda: self._note_home(attempt)):
            self._memory.note_success(attempt, self._clock())

    async def close(self) -> None:
        await self._shared.close()

    async def _note_home(self, attempt: Attempt) -> bool:
        await self._shared.note_success(attempt)
        return True

    async def _ask(self, question: Callable[[], Awaitable[R]]) -> R | None:
        """None: Redis is away. One asks whether it is back, the others don't wait for that."""
        if self._is_away:
            if time.monotonic() < self._ask_again_at:
                return None
            self._ask_again_at = time.monotonic() + _ASK_AGAIN_SECONDS
        try:
            answer = await question()
        except REDIS_AWAY as error:
            self._note_away(error)
            return None
        if self._is_away:
            self._is_away = False
            log.info("auth.redis_back")
        return answer

    def _note_away(self, error: Exception) -> None:
        self._ask_again_at = time.monotonic() + _ASK_AGAIN_SECONDS
        if not self._is_away:
            self._is_away = True
            log.warning("auth.redis_away", extra={"error": repr(error)})

    def _log_lock(self, attempt: Attempt, standing: Standing, config: Config) -> None:
        """One line when a limit is reached; none for what is refused while it holds."""
        minutes = config.auth_failure_window.total_seconds() / 60
        if standing.of_place == config.max_auth_failures_per_ip:
            log.warning("auth.ip_locked", extra={"ip": attempt.place, "minutes": minutes})
        if standing.against_user == config.max_auth_failures_per_user:
            facts = {"user": loggable(attempt.user), "ip": attempt.place, "minutes": minutes}
            log.warning("auth.user_locked", extra=facts)
