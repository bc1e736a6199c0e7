"""Decides whether a user name and a password belong together, in a time that tells nothing.

Unknown, wrong, expired, revoked, switched off and suspended cost one argon2 computation each, and
get one answer. Who failed too often gets none.
"""

import time
from dataclasses import dataclass

from smtp_gateway.bridge import Bridge
from smtp_gateway.identity import Credential, Sender
from smtp_gateway.submission import replies
from smtp_gateway.submission.address import normalize
from smtp_gateway.submission.config import Config
from smtp_gateway.submission.directory_access import Senders
from smtp_gateway.submission.failures import Attempt
from smtp_gateway.submission.log_in_budget import LogInBudget
from smtp_gateway.submission.metrics import Metrics
from smtp_gateway.submission.networks import Place
from smtp_gateway.submission.replies import Reply
from smtp_gateway.submission.verifier import Hashes, Verifier

# What is known of a logged-in sender may be this old at MAIL.
MAX_KNOWLEDGE_SECONDS = 0.9


@dataclass(frozen=True, slots=True)
class LogIn:
    """What a log-in came to. `sender`: who may submit now; None: nobody, as `reply` says.

    `credential`: whose password it was, also where it lets nobody in any more; None: not known.
    """

    reply: Reply
    sender: Sender | None = None
    credential: Credential | None = None


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

    async def log_in(self, user_name: str, password: str, *, place: Place, config: Config) -> LogIn:
        """Whether one may submit with this user name and password.

        Raises what the database raises.
        """
        begin = time.monotonic()
        address = normalize(user_name)
        # The database cannot even be asked for a name with a NUL in it.
        sender = await self._senders.fresh(address) if address.isprintable() else None
        if sender is not None and (remembered := self._remembered(sender, password)):
            self._metrics.log_in(time.monotonic() - begin, is_right=True, was_remembered=True)
            return remembered
        attempt = Attempt(address, place.network, is_place_limited=place.is_limited)
        outcome = await self._decide(attempt, sender, password, config)
        self._metrics.log_in(time.monotonic() - begin, is_right=outcome.sender is not None)
        return outcome

    def as_known(self, sender: Sender, credential: Credential) -> Sender | None:
        """What `as_it_is` would say without asking anybody; None: ask that."""
        now = self._senders.known(sender.address, MAX_KNOWLEDGE_SECONDS)
        return now if now is not None and now.still_accepts(credential) else None

    async def as_it_is(self, sender: Sender, credential: Credential) -> Sender | None:
        """`sender` as of now; None: the `credential` it logged in with lets nobody in any more."""
        now = await self._senders.recent(sender.address, MAX_KNOWLEDGE_SECONDS)
        return now if now is not None and now.still_accepts(credential) else None

    async def close(self) -> None:
        """Ends the connections to Redis and to the database."""
        await self.budget.close()
        await self._senders.close()

    def _remembered(self, sender: Sender, password: str) -> LogIn | None:
        living = [each.password_hash for each in sender.credentials]
        known = self._verifier.known(password, living) if sender.may_submit else ""
        return _let_in(sender, known) if known else None

    async def _decide(
        self, attempt: Attempt, sender: Sender | None, password: str, config: Config
    ) -> LogIn:
        if refusal := await self.budget.refusal(attempt, config):
            return LogIn(refusal)
        may_submit = sender is not None and sender.may_submit
        found = await self._verifier.verify(
            password,
            _hashes(sender, self._decoy_hash),
            user_name=attempt.user,
            config=config,
            bounds=_Bounds(self.budget, attempt, config, may_submit),
        )
        if isinstance(found, Reply):
            return LogIn(found)
        return _let_in(sender, found) if sender and found else LogIn(replies.AUTH_REFUSED)


def _hashes(sender: Sender | None, decoy: str) -> Hashes:
    if sender is None:
        return Hashes((), (), decoy)
    living = [each.password_hash for each in sender.credentials]
    return Hashes(living, [each.password_hash for each in sender.ended], decoy)


def _let_in(sender: Sender, password_hash: str) -> LogIn:
    """If the credential that has this hash may; nobody else's hash gets here."""
    both = (*sender.credentials, *sender.ended)
    credential = next((each for each in both if each.password_hash == password_hash), None)
    if credential in sender.credentials and sender.may_submit:
        return LogIn(replies.AUTHENTICATED, sender, credential)
    return LogIn(replies.AUTH_REFUSED, None, credential)


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
