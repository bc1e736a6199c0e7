"""The queue and its history: messages, their bytes, one delivery per recipient, every attempt.

No foreign key leaves this package: mail outlives the sender address that submitted it.
"""

from smtp_gateway.models.attempt import TRIED, Attempt, AttemptOutcome
from smtp_gateway.models.delivery import Delivery, DeliveryState, ShownState
from smtp_gateway.models.finding import Finding
from smtp_gateway.models.mail_action import ActionName, MailAction
from smtp_gateway.models.message import CaughtMail, Message, MessageContent, Origin
from smtp_gateway.models.mta_sts_policy import MtaStsPolicy
from smtp_gateway.models.quota import QuotaCount, QuotaHolder, QuotaLease
from smtp_gateway.models.recipient_fault import RecipientFault
from smtp_gateway.models.refused import RefusedMail
from smtp_gateway.models.relay_process import RelayProcess
from smtp_gateway.models.relay_transcript import RelayTranscript
from smtp_gateway.models.report import DeliveryReport, ReportKind
from smtp_gateway.models.returned import ReturnedMail, ReturnKind
from smtp_gateway.models.rollup import (
    CountedOutcome,
    DailyCount,
    HourlyCount,
    RollupCount,
    RollupState,
)
from smtp_gateway.models.route import Route, RouteKind, RouteSecurity
from smtp_gateway.models.sender_pace import SenderPace
from smtp_gateway.models.session import SmtpSession

__all__ = [
    "TRIED",
    "ActionName",
    "Attempt",
    "AttemptOutcome",
    "CaughtMail",
    "CountedOutcome",
    "DailyCount",
    "Delivery",
    "DeliveryReport",
    "DeliveryState",
    "Finding",
    "HourlyCount",
    "MailAction",
    "Message",
    "MessageContent",
    "MtaStsPolicy",
    "Origin",
    "QuotaCount",
    "QuotaHolder",
    "QuotaLease",
    "RecipientFault",
    "RefusedMail",
    "RelayProcess",
    "RelayTranscript",
    "ReportKind",
    "ReturnKind",
    "ReturnedMail",
    "RollupCount",
    "RollupState",
    "Route",
    "RouteKind",
    "RouteSecurity",
    "SenderPace",
    "ShownState",
    "SmtpSession",
]
