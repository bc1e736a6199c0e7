"""The queue: accept, lease, record outcomes, free what a dead relay held. All SQL on its tables.

Everything here blocks; coroutines call it through the bridge. One statement is one transaction,
and times that processes compare are the database's own.
"""

from smtp_gateway.queue.accepting import (
    accept,
    accept_on,
)
from smtp_gateway.queue.delays import (
    DelayWalk,
    make_delay_reports_due,
)
from smtp_gateway.queue.leasing import (
    Taken,
    contents,
    keep_only,
    seconds_until_due,
    take,
)
from smtp_gateway.queue.outlook import Outlook
from smtp_gateway.queue.pacing import Given, give_slots, park, set_own_paces
from smtp_gateway.queue.postponing import leave, postpone
from smtp_gateway.queue.recording import (
    record,
)
from smtp_gateway.queue.relays import (
    RegisteredRelay,
    free_leases_of_dead,
    heartbeat,
    known_relays,
    register_relay,
    relays_on,
    sign_off,
)
from smtp_gateway.queue.report_values import (
    Notice,
    ReportedMail,
)
from smtp_gateway.queue.reporting import (
    keep_here,
    mark_reported,
    put_off_reports,
    take_reported_mails,
)
from smtp_gateway.queue.sharing import relays_alive
from smtp_gateway.queue.values import (
    AGAIN,
    LOCAL_MAILBOX,
    Client,
    ComposedOrigin,
    LeasedDelivery,
    Outcome,
    OutcomeName,
    Submission,
)

__all__ = [
    "AGAIN",
    "LOCAL_MAILBOX",
    "Client",
    "ComposedOrigin",
    "DelayWalk",
    "Given",
    "LeasedDelivery",
    "Notice",
    "Outcome",
    "OutcomeName",
    "Outlook",
    "RegisteredRelay",
    "ReportedMail",
    "Submission",
    "Taken",
    "accept",
    "accept_on",
    "contents",
    "free_leases_of_dead",
    "give_slots",
    "heartbeat",
    "keep_here",
    "keep_only",
    "known_relays",
    "leave",
    "make_delay_reports_due",
    "mark_reported",
    "park",
    "postpone",
    "put_off_reports",
    "record",
    "register_relay",
    "relays_alive",
    "relays_on",
    "seconds_until_due",
    "set_own_paces",
    "sign_off",
    "take",
    "take_reported_mails",
]
