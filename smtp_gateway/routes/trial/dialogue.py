"""Listens in on a connection to a next hop. Secrets become their lengths first of all."""

import base64
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from smtp_gateway.relay.next_hop import NextHop
from smtp_gateway.relay.reply import Reply
from smtp_gateway.relay.wire import Wire

Speaker = Literal["client", "server", "event"]
NAMES: dict[Speaker, str] = {"client": "DirectMail", "server": "Server", "event": ""}
_LONGEST_LINE = 500
# A shorter one is no secret, and the text would be full of brackets.
_SHORTEST_SECRET = 4


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the dialogue, or one reply of several."""

    milliseconds: int
    """Since the test began."""
    speaker: Speaker
    words: str

    @property
    def name(self) -> str:
        return NAMES[self.speaker]

    @property
    def at(self) -> str:
        return f"{self.milliseconds / 1000:.3f} s"

    @property
    def is_refusal(self) -> bool:
        return self.speaker == "server" and self.words[:1] in ("4", "5")


class Listener:
    """Turns what goes over wires into lines, and hands each on as it happens."""

    def __init__(self, hand_on: Callable[[Said], None], hop: NextHop | None = None) -> None:
        self._hand_on, self._began = hand_on, time.monotonic()
        self._secrets = _secrets(hop) if hop else ()
        self._is_logging_in = False

    def wire(self) -> Wire:
        """A connection that is listened to."""
        return _HeardWire(self)

    def event(self, words: str) -> None:
        self._tell("event", words)

    def sent(self, data: bytes) -> None:
        """What we sent: commands, each with its line end."""
        for line in data.decode("utf-8", "replace").removesuffix("\r\n").split("\r\n"):
            self._tell("client", self._without_credentials(line))

    def received(self, reply: Reply) -> None:
        if reply.kind != 3:
            self._is_logging_in = False
        *first, last = [line[:_LONGEST_LINE] for line in reply.lines]
        lines = [*(f"{reply.code}-{line}" for line in first), f"{reply.code} {last}".rstrip()]
        self._tell("server", self._concealed("\n".join(lines)))

    def _without_credentials(self, line: str) -> str:
        verb, _, rest = line.partition(" ")
        if verb == "AUTH":
            self._is_logging_in = True
            mechanism, _, response = rest.partition(" ")
            return f"AUTH {mechanism}{f' {_length(response)}' if response else ''}"
        return _length(line) if self._is_logging_in else line

    def _concealed(self, words: str) -> str:
        """Without our secrets, which a server may repeat."""
        for secret in self._secrets:
            words = words.replace(secret, _length(secret))
        return words

    def _tell(self, speaker: Speaker, words: str) -> None:
        passed = round((time.monotonic() - self._began) * 1000)
        self._hand_on(Said(passed, speaker, words))


class _HeardWire(Wire):
    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._listener = listener

    def connection_made(self, transport: object) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        if not self.tls:
            self._listener.event(_("Connected to %(address)s.") % {"address": self._peer()})
        else:
            words = _("Connected to %(address)s with %(tls)s.")
            self._listener.event(words % {"address": self._peer(), "tls": self.tls})

    async def start_tls(self, context: ssl.SSLContext, host: str, seconds: float) -> None:
        await super().start_tls(context, host, seconds)
        self._listener.event(_("TLS began: %(tls)s.") % {"tls": self.tls})

    def write(self, data: bytes | memoryview) -> None:
        super().write(data)
        self._listener.sent(bytes(data))

    async def reply(self, seconds: float) -> Reply:
        reply = await super().reply(seconds)
        self._listener.received(reply)
        return reply

    def _peer(self) -> str:
        name = self._open_transport().get_extra_info("peername")
        return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"


def _secrets(hop: NextHop) -> tuple[str, ...]:
    """What of `hop` nobody may see, as it is and as it goes over the wire."""
    plain = [hop.password, f"\0{hop.user}\0{hop.password}"] if hop.password else []
    encoded = [base64.b64encode(text.encode()).decode() for text in plain]
    found = [text for text in (*encoded, *plain) if len(text) >= _SHORTEST_SECRET]
    return tuple(sorted(found, key=len, reverse=True))


def _length(text: str) -> str:
    size = len(text.encode())
    return f"[{size} byte{'' if size == 1 else 's'}]"
