"""What a bridge asks of the database holds for its connections, and for no others."""

import asyncio

import pytest
from django.db import connection

from smtp_gateway.bridge import LOOK_UPS, Bridge


def plan_cache_mode() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW plan_cache_mode")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_settings_of_a_bridge_hold_for_its_connections_alone() -> None:
    async def modes() -> list[str]:
        bridges = Bridge(planner=LOOK_UPS), Bridge()
        try:
            return [await bridge.database(plan_cache_mode) for bridge in bridges]
        finally:
            for bridge in bridges:
                bridge.close()

    assert asyncio.run(modes()) == ["force_generic_plan", "auto"]
    assert asyncio.run(modes()) == ["force_generic_plan", "auto"]
