"""Mail after mail over one connection: each one's commands go out behind the content before."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from smtp_gateway.queue import Outcome
from smtp_gateway.relay import transaction
from smtp_gateway.relay.crew import Crew
from smtp_gateway.relay.next_hop import NextHop
from smtp_gateway.relay.pool import PoolLimits
from smtp_gateway.relay.registration import Registration, Rhythm
from tests.smtp_gateway.relay.next_hop import DROP, ScriptedHop
from tests.smtp_gateway.relay.sending import hop_at, make_courier, make_delivery, until

ONE_CONNECTION = PoolLimits(1)


async def relay_all(
    hop: NextHop,
    number: int,
    *,
    limits: PoolLimits = ONE_CONNECTION,
    is_somebody_leaving: bool = False,
) -> list[Outcome]:
    """The outcomes of so many mails to 1@x.test, 2@x.test and so on, in the order of their end."""
    outcomes: list[Outcome] = []

    def record(some: Sequence[Outcome]) -> None:
        outcomes.extend(some)

    courier = make_courier(hop, limits=limits)
    crew = Crew(
        "trigger",
        courier=courier,
        registration=Registration(0, Rhythm()),
        record=record,
        crashed=asyncio.get_running_loop().create_future(),
    )
    if is_somebody_leaving:
        leaving = asyncio.create_task(asyncio.sleep(0))
        crew._workers.add(leaving)
        leaving.add_done_callback(crew._ended)
    ids = range(1, number + 1)
    groups = [[make_delivery(f"{n}@x.test", delivery_id=n, message_id=n)] for n in ids]
    try:
        async with asyncio.timeout(10):
            await crew.relay(groups, {n: b"Subject: %d\r\n\r\n.\r\n" % n for n in ids})
    finally:
        await crew.finish(1)
        courier.destination.pool.close()
    return outcomes


class ListeningHop:
    """Before it answers a mail it listens whether the next one's command is there already."""

    def __init__(self, *extensions: str) -> None:
        self.ehlo = "".join(f"250-{name}\r\n" for name in ("hop.test", *extensions)) + "250 SIZE"
        self.ahead = 0
        self.contents: list[bytes] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[NextHop]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield NextHop("127.0.0.1", server.sockets[0].getsockname()[1])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = b"220 hop.test\r\n"
        waiting = b""
        while not said.startswith(b"221"):
            writer.write(said)
            line = waiting or await reader.readuntil(b"\r\n")
            waiting = b""
            verb = line[:4].strip().upper()
            said = {b"EHLO": self.ehlo.encode() + b"\r\n", b"DATA": b"354 Go on\r\n"}.get(
                verb, b"221 Bye\r\n" if verb == b"QUIT" else b"250 Ok\r\n"
            )
            if verb == b"DATA":
                writer.write(said)
                self.contents.append(await reader.readuntil(b"\r\n.\r\n"))
                said = b"250 Taken\r\n"
                try:
                    async with asyncio.timeout(0.05):
                        waiting = await reader.readuntil(b"\r\n")
                    self.ahead += waiting.startswith(b"MAIL")
                except TimeoutError:
                    pass
        writer.write(said)
        writer.close()


async def test_the_next_mails_commands_go_out_behind_the_content() -> None:
    listening = ListeningHop("PIPELINING")
    async with listening.running() as hop:
        outcomes = await relay_all(hop, 6)
    # The first one shows how quick the next hop is, and nothing follows the last.
    assert listening.ahead == 4
    assert listening.contents == [b"Subject: %d\r\n\r\n..\r\n.\r\n" % n for n in range(1, 7)]
    assert [o.name for o in outcomes] == ["relayed"] * 6


async def test_without_pipelining_nothing_goes_out_ahead() -> None:
    listening = ListeningHop()
    async with listening.running() as hop:
        outcomes = await relay_all(hop, 4)
    assert listening.ahead == 0
    assert [o.name for o in outcomes] == ["relayed"] * 4


async def test_a_connection_lost_at_the_final_dot_leaves_the_mail_behind_it_untouched() -> None:
    def script(verb: str, argument: str) -> str | None:
        return DROP if verb == "." and hop.complete == 3 else None

    async with ScriptedHop(script).running() as hop:
        outcomes = await relay_all(hop_at(hop), 6)
    assert [o.name for o in outcomes] == ["relayed", "relayed", "uncertain", *["relayed"] * 3]
    assert [o.delivery.delivery_id for o in outcomes] == [1, 2, 3, 4, 5, 6]
    assert len(hop.taken) == 5


async def test_a_421_to_one_mail_costs_the_mail_behind_it_no_attempt() -> None:
    def script(verb: str, argument: str) -> str | None:
        return "421 4.3.2 Going down" if verb == "." and hop.complete == 3 else None

    async with ScriptedHop(script).running() as hop:
        outcomes = await relay_all(hop_at(hop), 6)
    assert [o.name for o in outcomes] == ["relayed", "relayed", "deferred", *["relayed"] * 3]


async def test_refusals_on_the_way_keep_replies_and_mails_together() -> None:
    def script(verb: str, argument: str) -> str | None:
        if verb == "RCPT":
            return {"2@x.test": "550 5.1.1 No", "5@x.test": "450 4.2.0 Later"}.get(argument)
        return "554 5.6.0 No" if verb == "." and hop.complete == 3 else None

    async with ScriptedHop(script).running() as hop:
        outcomes = await relay_all(hop_at(hop), 8)
    names = {o.delivery.delivery_id: (o.name, o.reply[:3]) for o in outcomes}
    assert (names.pop(2), names.pop(5)) == (("bounced", "550"), ("deferred", "450"))
    assert (names.pop(4), set(names.values())) == (("bounced", "554"), {("relayed", "250")})


@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)], ids=["in turn", "pipelined"])
@pytest.mark.parametrize("verb", ["RCPT", "."], ids=["RCPT", "the mail"])
async def test_behind_a_command_that_is_not_understood_the_next_mail_has_a_new_session(
    verb: str, extensions: tuple[str, ...]
) -> None:
    said: list[str] = []

    def script(asked: str, argument: str) -> str | None:
        said.append(asked)
        # Of the third mail, behind which the next one's commands may be already.
        is_third = said.count(verb) == 3 and asked == verb
        return "503 5.5.1 Bad sequence of commands" if is_third else None

    async with ScriptedHop(script, extensions).running() as hop:
        outcomes = await relay_all(hop_at(hop), 6)
    by_id = sorted(outcomes, key=lambda each: each.delivery.delivery_id)
    assert [o.name for o in by_id] == ["relayed", "relayed", "deferred", *["relayed"] * 3]
    assert by_id[2].category == "next-hop-protocol-error"
    assert (hop.connections, len(hop.taken)) == (2, 5)


async def test_a_mail_behind_one_that_takes_long_goes_out_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transaction, "_PATIENT_SECONDS", 0.05)
    gate = asyncio.Event()

    def script(verb: str, argument: str) -> None:
        if verb == "RCPT":
            hop.gate = gate if argument == "2@x.test" else None

    hop = ScriptedHop(script)
    async with hop.running():
        relaying = asyncio.create_task(relay_all(hop_at(hop), 3, limits=PoolLimits(4)))
        await until(lambda: len(hop.taken) == 2)
        assert [mail.recipients for mail in hop.taken] == [("1@x.test",), ("3@x.test",)]
        gate.set()
        outcomes = await relaying
    assert {o.name for o in outcomes} == {"relayed"}
    assert len(hop.taken) == 3


async def test_a_connection_carries_no_more_mails_than_it_may() -> None:
    async with ScriptedHop().running() as hop:
        outcomes = await relay_all(hop_at(hop), 7, limits=PoolLimits(1, mails_per_connection=3))
    assert [o.name for o in outcomes] == ["relayed"] * 7
    assert hop.connections == 3
    assert hop.verbs.count("MAIL") == 7


async def test_a_mail_that_comes_while_the_last_worker_leaves_waits_for_no_other_mail() -> None:
    async with ScriptedHop().running() as hop:
        outcomes = await relay_all(hop_at(hop), 1, is_somebody_leaving=True)
    assert [o.name for o in outcomes] == ["relayed"]
