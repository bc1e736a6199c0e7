"""A running relay takes the routes of the console, and follows what is changed there."""

import asyncio
from pathlib import Path

from smtp_gateway.models import Delivery, Route
from smtp_gateway.routes import services
from tests.smtp_gateway.queued import enqueue
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, relay_process
from tests.smtp_gateway.routes.factories import PASSWORD, make_route

OPERATOR = "operator@example.com"


def to(hop: ScriptedHop, name: str, **changes: object) -> Route:
    here = {"host": "127.0.0.1", "port": hop.port, "security": "when-offered"}
    return make_route(name, **{**here, **changes})


def lead_to(route: Route, hop: ScriptedHop) -> None:
    services.change_route(
        route,
        values={**route_values(route), "port": hop.port},
        password="",
        removes_password=False,
        operator=OPERATOR,
    )


def route_values(route: Route) -> dict[str, object]:
    names = ("name", "kind", "host", "port", "security", "user")
    return {name: getattr(route, name) for name in names}


def recipients(hop: ScriptedHop) -> list[str]:
    return sorted(recipient for mail in hop.taken for recipient in mail.recipients)


EXPECTED = {
    ("1@x.a.test", "relayed", ""),
    ("2@b.test", "relayed", "mailbox-route"),
    ("3@c.test", "queued", "route-unusable"),
    ("4@d.test", "relayed", ""),
}


def codes() -> set[tuple[str, str, str]]:
    return set(Delivery.objects.values_list("recipient", "state", "reason_code"))


async def test_each_mail_takes_its_route_and_a_password_gets_through(
    database: Queue, tmp_path: Path
) -> None:
    async with (
        ScriptedHop(users={"shop": PASSWORD}).running() as partner,
        ScriptedHop().running() as rest,
    ):
        await database.do(
            to, partner, "Partner", recipient_domains="*.a.test", user="shop", password=PASSWORD
        )
        await database.do(make_route, "Trials", kind="mailbox", recipient_domains="b.test")
        await database.do(
            make_route,
            "Unreadable",
            recipient_domains="c.test",
            user="shop",
            sealed_password="sealed under another key",
        )
        await database.do(enqueue, "1@x.a.test", "2@b.test", "3@c.test", "4@d.test")
        async with relay_process(
            tmp_path / "log", RELAY_URL=f"smtp://127.0.0.1:{rest.port}"
        ) as relay:
            await database.until(lambda: codes() == EXPECTED, seconds=30)
        assert (recipients(partner), partner.logged_in) == (["1@x.a.test"], ["shop"])
        assert recipients(rest) == ["4@d.test"]
        assert PASSWORD not in relay.log
    assert "route.unusable" in relay.log


async def test_a_changed_route_is_taken_without_a_restart(database: Queue, tmp_path: Path) -> None:
    async with ScriptedHop().running() as before, ScriptedHop().running() as after:
        route = await database.do(to, before, "Changing")
        await database.do(enqueue, "1@a.test")
        async with relay_process(tmp_path / "log", RELAY_URL="") as relay:
            await database.until(lambda: recipients(before) == ["1@a.test"], seconds=30)
            await database.do(lead_to, route, after)
            async with asyncio.timeout(20):
                while "routing.changed" not in relay.log:  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.02)
            await database.do(enqueue, "2@a.test")
            await database.until(lambda: recipients(after) == ["2@a.test"], seconds=30)
        assert recipients(before) == ["1@a.test"]
