"""A recursive DNS server on loopback whose zones and faults a test chooses; UDP and TCP."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum

from dnslib import EDNS0, QTYPE, RCODE, RR, SOA, DNSRecord


class Trouble(Enum):
    """What a look-up may meet."""

    SERVFAIL = "servfail"
    DROP = "drop"
    """No answer at all."""
    TRUNCATE = "truncate"
    """Nothing but the TC bit over UDP; the whole over TCP."""
    FORGED_ID = "forged-id"
    """A datagram with another query's number first, then the right one."""


@dataclass
class Names:
    """What the server knows, and what it was asked."""

    address: str = "127.0.53.53"
    port: int = 0
    records: dict[tuple[str, str], list[RR]] = field(default_factory=dict)
    signed: set[str] = field(default_factory=set)
    """Zones whose answers are validated (AD)."""
    unsigned: set[tuple[str, str]] = field(default_factory=set)
    """Names and types within these zones whose answers are not."""
    troubles: dict[tuple[str, str], Trouble] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    over_tcp: int = 0
    without_do: int = 0
    """Queries that did not ask for DNSSEC (RFC 3225)."""

    def add(self, *lines: str) -> None:
        """Records in the form of a zone file, as in `example.test MX 10 mx.example.test`."""
        for line in lines:
            name, kind, data = line.split(" ", 2)
            name, _, ttl = name.partition("/")
            if kind in ("MX", "CNAME"):
                data = f"{data.removesuffix('.')}."
            record = RR.fromZone(f"{name}. {ttl or 300} IN {kind} {data}")[0]
            self.records.setdefault((name, kind), []).append(record)

    def remove(self, name: str, kind: str) -> None:
        self.records.pop((name, kind), None)

    def trouble(self, name: str, kind: str, trouble: Trouble) -> None:
        self.troubles[name, kind] = trouble

    def count(self, name: str, kind: str) -> int:
        """How often that was asked."""
        return self.asked.count((name, kind))

    @property
    def server(self) -> str:
        """As DNS_SERVERS has it."""
        return f"{self.address}:{self.port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Names"]:
        stream, datagrams = _sockets(self.address)
        self.port = stream.getsockname()[1]
        server = await asyncio.start_server(self._serve, sock=stream)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Datagrams(self), sock=datagrams
        )
        try:
            yield self
        finally:
            transport.close()
            server.close()

    def replies(self, query: bytes, *, is_tcp: bool) -> Iterable[bytes]:
        """The answers to one query, in the order they are sent."""
        request = DNSRecord.parse(query)
        name = str(request.q.qname).removesuffix(".").lower()
        kind = QTYPE[request.q.qtype]
        self.asked.append((name, kind))
        if not any(rr.rtype == QTYPE.OPT and rr.ttl & 0x8000 for rr in request.ar):
            self.without_do += 1
        trouble = self.troubles.get((name, kind))
        if trouble is Trouble.DROP:
            return
        if trouble is Trouble.FORGED_ID:
            forged = self._answer(request, name, kind, trouble)
            forged.header.id ^= 1
            forged.rr = RR.fromZone(f"{name}. 300 IN A 192.0.2.66")
            yield forged.pack()
        answer = self._answer(request, name, kind, trouble)
        if trouble is Trouble.TRUNCATE and not is_tcp:
            answer.rr, answer.header.tc = [], 1
        yield answer.pack()

    def _answer(
        self, request: DNSRecord, name: str, kind: str, trouble: Trouble | None
    ) -> DNSRecord:
        answer = request.reply()
        answer.header.ra = 1
        if trouble is Trouble.SERVFAIL:
            answer.header.rcode = RCODE.SERVFAIL
            return answer
        chain = [name]
        while alias := self.records.get((chain[-1], "CNAME")):
            if kind == "CNAME" or len(chain) > 8:
                break
            answer.add_answer(*alias)
            chain.append(str(alias[0].rdata.label).removesuffix("."))
        found = self.records.get((chain[-1], kind), [])
        answer.add_answer(*found)
        if not found:
            self._deny(answer, chain[-1])
        is_signed = all(map(self._is_signed, chain)) and (name, kind) not in self.unsigned
        answer.header.ad = int(bool(request.header.ad) and is_signed)
        if any(rr.rtype == QTYPE.OPT for rr in request.ar):
            answer.add_ar(EDNS0(flags="do", udp_len=1232))
        return answer

    def _deny(self, answer: DNSRecord, name: str) -> None:
        if not any(known == name or known.endswith(f".{name}") for known, _ in self.records):
            answer.header.rcode = RCODE.NXDOMAIN
        zone = name.partition(".")[2] or name
        times = (1, 3600, 600, 86400, 60)
        answer.add_auth(RR(zone, QTYPE.SOA, ttl=60, rdata=SOA("ns.test", "dns.test", times)))

    def _is_signed(self, name: str) -> bool:
        return any(name == zone or name.endswith(f".{zone}") for zone in self.signed)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                query = await reader.readexactly(length)
                self.over_tcp += 1
                for reply in self.replies(query, is_tcp=True):
                    writer.write(struct.pack("!H", len(reply)) + reply)
        writer.transport.abort()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, names: Names) -> None:
        self._names = names
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for reply in self._names.replies(data, is_tcp=False):
            self._transport.sendto(reply, addr)  # type: ignore[union-attr]


def _sockets(address: str) -> tuple[socket.socket, socket.socket]:
    """A listening socket and one for datagrams, on one port."""
    while True:
        stream = socket.create_server((address, 0))
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            datagrams.bind(stream.getsockname())
        except OSError:
            # The number is taken for datagrams by some other program.
            stream.close()
            datagrams.close()
        else:
            for each in (stream, datagrams):
                each.setblocking(False)
            return stream, datagrams
