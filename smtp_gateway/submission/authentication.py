"""Decides whether a user name and a password belong together, in a time that tells nothing.

Unknown, wrong, switched off and suspended cost one argon2 verification each, and get one answer.
Who failed too often gets none.
"""

import time
from dataclasses import dataclass

from smtp_gateway.bridge import Bridge
from smtp_gateway.identity import Sender
from smtp_gateway.submission import replies
from smtp_gateway.submission.address import normalize
from smtp_gateway.submission.config import Config
from smtp_gateway.submission.directory_access import Senders
from smtp_gateway.submission.failures import Attempt
from smtp_gateway.submission.log_in_budget import LogInBudget
from smtp_gateway.submission.metrics import Metrics
from smtp_gateway.submission.networks import Place
from smtp_gateway.submission.replies import Reply
from smtp_gateway.submission.verifier import Verifier

# What is known of a logged-in sender may be this old at MAIL.
MAX_KNOWLEDGE_SECONDS = 0.9


class Authentication:
    """Log-ins, and whether they still hold. `decoy_hash` is verified where there is no hash."""

    def __init__(
        self,
        senders: Senders,
        bridge: Bridge,
        decoy_hash: str,
        budget: LogInBudget,
        metrics: Metrics,
    ) -> None:
        self._senders = senders
        self._verifier = Verifier(bridge)
        self._decoy_hash = decoy_hash
        self._metrics = metrics
        self.budget = budget

    async def log_in(
        self, user_name: str, password: str, *, place: Place, config: Config
    ) -> Sender | Reply:
        """The sender that may submit with this credential, or what to say instead.

        Raises what the database raises.
        """
        begin = time.monotonic()
        address = normalize(user_name)
        # The database cannot even be asked for a name with a NUL in it.
        sender = await self._senders.fresh(address) if address.isprintable() else None
        if sender and sender.may_submit and self._verifier.knows(password, sender.password_hash):
            seconds = time.monotonic() - begin
            self._metrics.log_in(seconds, is_right=True, was_remembered=True)
            return sender
        attempt = Attempt(address, place.network, is_place_limited=place.is_limited)
        outcome = await self._decide(attempt, sender, password, config)
        seconds = time.monotonic() - begin
        self._metrics.log_in(seconds, is_right=isinstance(outcome, Sender))
        return outcome

    def is_known_to_hold(self, sender: Sender) -> bool:
        """Whether `still_holds` would say yes without asking anybody; else ask that."""
        now = self._senders.known(sender.address, MAX_KNOWLEDGE_SECONDS)
        return now is not None and _is_the_same_credential(now, sender)

    async def still_holds(self, sender: Sender) -> bool:
        """Whether what `sender` logged in with would still let it in."""
        now = await self._senders.recent(sender.address, MAX_KNOWLEDGE_SECONDS)
        return now is not None and _is_the_same_credential(now, sender)

    async def close(self) -> None:
        """Ends the connections to Redis and to the database."""
        await self.budget.close()
        await self._senders.close()

    async def _decide(
        self, attempt: Attempt, sender: Sender | None, password: str, config: Config
    ) -> Sender | Reply:
        if refusal := await self.budget.refusal(attempt, config):
            return refusal
        password_hash = (sender.password_hash if sender else "") or self._decoy_hash
        may_submit = sender is not None and sender.may_submit
        bounds = _Bounds(self.budget, attempt, config, may_submit)
        is_right = await self._verifier.verify(
            password, password_hash, user_name=attempt.user, config=config, bounds=bounds
        )
        if isinstance(is_right, Reply):
            return is_right
        if sender is None or not (is_right and may_submit):
            return replies.AUTH_REFUSED
        return sender


@dataclass(frozen=True, slots=True)
class _Bounds:
    """One attempt's part of the budget."""

    budget: LogInBudget
    attempt: Attempt
    config: Config
    may_submit: bool

    async def refusal(self) -> Reply | None:
        return await self.budget.refusal(self.attempt, self.config)

    async def settle(self, is_right: bool) -> None:
        if is_right and self.may_submit:
            await self.budget.note_success(self.attempt)
        else:
            await self.budget.note_failure(self.attempt, self.config)


def _is_the_same_credential(now: Sender, then: Sender) -> bool:
    return now.may_submit and now.password_hash == then.password_hash
