"""What all inbound sessions of one process share."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtp_gateway.inbound.door_watch import DoorWatch
from smtp_gateway.inbound.intake import ReturnIntake
from smtp_gateway.inbound.room import HourlyRoom
from smtp_gateway.submission.services import Background, Services


@dataclass(slots=True, kw_only=True)
class InboundServices(Services):
    """Those of submission are there too, since its sessions are the base of these; nobody logs in
    and nothing is submitted.
    """

    watch: DoorWatch
    returns: ReturnIntake
    postmaster: HourlyRoom

    def everything_in_background(self) -> Sequence[Background]:
        return (self.transcripts, self.watch, *self.background)

    async def close(self) -> None:
        await self.returns.close()
