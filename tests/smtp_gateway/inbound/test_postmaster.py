"""Mail to the postmaster of a return-path host, by real SMTP: taken, in bounds."""

from datetime import UTC, datetime, timedelta

import pytest

from smtp_gateway.inbound.room import HourlyRoom
from tests.smtp_gateway.inbound.speaking import HOST, Inbound, address_of

LETTER = b"From: admin@isp.example\r\nSubject: Your mail\r\n\r\nIt comes in thousands.\r\n"


@pytest.mark.parametrize(
    "address",
    [f"postmaster@{HOST}", f"PostMaster@{HOST}", "Postmaster"],
    ids=["host", "case", "alone"],
)
async def test_whoever_has_trouble_with_us_reaches_the_postmaster(
    inbound: Inbound, address: str
) -> None:
    assert (await inbound.bring(address, LETTER, "admin@isp.example")).startswith("250 ")
    (row,) = await inbound.kept()
    assert row.to_address.lower() == address.lower()
    assert (bytes(row.raw), row.delivery_id) == (LETTER, None)


async def test_the_postmaster_takes_only_so_many_an_hour(inbound: Inbound) -> None:
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    inbound.services.now = lambda: noon
    inbound.services.postmaster = HourlyRoom(2)
    to = f"postmaster@{HOST}"
    for _ in range(2):
        assert (await inbound.bring(to, LETTER)).startswith("250 ")
    full = "452 4.2.2 The postmaster had many mails; try again in an hour"
    assert await inbound.bring(to, LETTER) == full
    inbound.services.now = lambda: noon + timedelta(hours=1)
    assert (await inbound.bring(to, LETTER)).startswith("250 ")
    assert len(await inbound.kept()) == 3


async def test_the_postmaster_reads_no_novels(inbound: Inbound) -> None:
    inbound.services.postmaster = HourlyRoom(1)
    to = f"postmaster@{HOST}"
    novel = LETTER + b"More and more.\r\n" * 5000
    refusal = "552 5.3.4 Message too large; the limit is 65536 bytes"
    assert await inbound.bring(to, novel) == refusal
    # What is refused takes no room of others.
    assert (await inbound.bring(to, LETTER)).startswith("250 ")
    assert (await inbound.bring(address_of(7), novel)).startswith("250 ")
