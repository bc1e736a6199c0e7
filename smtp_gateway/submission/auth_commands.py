"""AUTH PLAIN and AUTH LOGIN (RFC 4954, RFC 4616): the exchange, not the decision."""

import binascii
import logging

from smtp_gateway.submission import replies
from smtp_gateway.submission.address import normalize
from smtp_gateway.submission.auth_trace import loggable
from smtp_gateway.submission.authentication import LogIn
from smtp_gateway.submission.connection import Connection
from smtp_gateway.submission.last_use import Use
from smtp_gateway.submission.networks import place_of
from smtp_gateway.submission.replies import Reply

log = logging.getLogger(__name__)

_Credential = tuple[str, str]


class AuthCommands(Connection):
    """The AUTH command."""

    @property
    def may_authenticate(self) -> bool:
        """Whether a password may cross this connection."""
        peer = self.state.peer
        allowed = self.services.config.allow_plaintext_auth_on_loopback
        return bool(peer.tls) or (allowed and peer.is_loopback)

    def smtp_AUTH(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's way to name them
        if refusal := self._refusal_of_auth():
            return self.reply(refusal)
        return self.run(self._exchange_and_log_in(arg or ""))

    async def _exchange_and_log_in(self, argument: str) -> None:
        mechanism, _, initial_response = argument.partition(" ")
        outcome = await self._exchange(mechanism.upper(), initial_response.strip())
        if isinstance(outcome, Reply):
            return self.reply(outcome)
        await self._log_in(*outcome)
        return None

    def _refusal_of_auth(self) -> Reply | None:
        if self.state.sender is not None:
            return replies.AUTH_AGAIN
        if self.state.transaction is not None:
            return replies.AUTH_IN_TRANSACTION
        if not self.may_authenticate:
            return replies.AUTH_NEEDS_TLS
        return None if self.state.is_extended else replies.SEND_EHLO_FIRST

    async def _exchange(self, mechanism: str, initial_response: str) -> _Credential | Reply:
        match mechanism:
            case "PLAIN":
                return await self._plain(initial_response)
            case "LOGIN":
                return await self._login(initial_response)
            case "":
                return replies.AUTH_SYNTAX
        return replies.AUTH_UNKNOWN_MECHANISM

    async def _plain(self, initial_response: str) -> _Credential | Reply:
        message = await self._response(initial_response, replies.ASK_INITIAL_RESPONSE)
        if isinstance(message, Reply):
            return message
        if message.count("\0") != 2:
            return replies.AUTH_NOT_BASE64
        authorization, user_name, password = message.split("\0")
        if authorization and normalize(authorization) != normalize(user_name):
            # To act as somebody else is refused like a wrong password, at the same cost.
            user_name = ""
        return user_name, password

    async def _login(self, initial_response: str) -> _Credential | Reply:
        user_name = await self._response(initial_response, replies.ASK_USER_NAME)
        if isinstance(user_name, Reply):
            return user_name
        password = await self._response("", replies.ASK_PASSWORD)
        return password if isinstance(password, Reply) else (user_name, password)

    async def _response(self, initial: str, challenge: Reply) -> str | Reply:
        if initial == "=":
            return ""
        text = initial or await self._ask(challenge)
        if text is None:
            return replies.AUTH_LINE_TOO_LONG
        if text == "*":
            return replies.AUTH_CANCELLED
        try:
            return binascii.a2b_base64(text, strict_mode=True).decode()
        except ValueError:
            return replies.AUTH_NOT_BASE64

    async def _ask(self, challenge: Reply) -> str | None:
        self.reply(challenge)
        line = await self.read_answer()
        return None if line is None else line.decode("ascii", "replace").strip()

    async def _log_in(self, user_name: str, password: str) -> None:
        config = self.services.config
        place = place_of(self.state.peer.ip, config.unlimited_networks)
        outcome = await self.services.authentication.log_in(
            user_name, password, place=place, config=config
        )
        self.transcript.credential = outcome.credential
        if outcome.sender is None:
            self._note_refusal(user_name, outcome)
            return self._refuse_log_in(outcome.reply)
        if refusal := self.seat.log_in(outcome.sender.address, config):
            return self._refuse_log_in(refusal)
        self.state.sender, self.state.credential = outcome.sender, outcome.credential
        self.transcript.sender = outcome.sender.address
        self.state.fruitless_commands -= 1
        return self.reply(outcome.reply)

    def _note_refusal(self, user_name: str, outcome: LogIn) -> None:
        reply, ip, ended = outcome.reply, self.state.peer.ip, outcome.credential
        self.state.errors += 1
        self.state.auth_failures += reply is replies.AUTH_REFUSED
        facts = {"user": loggable(user_name), "ip": ip, "reply": reply.text}
        if ended is not None and ended.end:
            facts |= {"credential": ended.name, "end": ended.end}
            self.services.last_use.note_refused(ended.id, Use(self.services.now(), ip))
        log.warning("auth.refused", extra=facts)

    def _refuse_log_in(self, reply: Reply) -> None:
        self.reply(reply)
        if self.state.auth_failures >= self.services.config.max_auth_failures_per_session:
            self.reply(reply := replies.TOO_MANY_LOG_INS)
        if reply.code == 421:
            self.finish(lingers=True)
