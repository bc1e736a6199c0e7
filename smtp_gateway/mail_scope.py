"""Which mail at all: of a type, of a sender, accepted on some days.

Ids grow with time, all but: days are a range of ids, so that whatever walks by id, or has an index
that ends with it, begins and ends there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from senders.listing.days import FROM_TO, Span
from senders.models import MailType

PARAMETERS = ("type", "sender", *(day.name for day in FROM_TO))
"""Of a link to the mail log."""

_OUT_OF_ORDER = timedelta(minutes=5)
"""More than passes between the moment that a mail is accepted and its row, on any machine."""
# Halves what is left of all ids until the first one is found whose mail is not earlier. One round
# trip; it reads a row for each time that the history doubles.
_FIRST_ID_SINCE = """
WITH RECURSIVE span (low, high) AS (
    SELECT min(id), max(id) + 1 FROM smtp_gateway_delivery
  UNION ALL
    SELECT CASE WHEN looked.accepted_at < %(moment)s THEN looked.id + 1 ELSE low END,
           CASE WHEN looked.accepted_at < %(moment)s THEN high ELSE (low + high) / 2 END
    FROM span, LATERAL (
        SELECT delivery.id, message.accepted_at
        FROM smtp_gateway_delivery AS delivery
        JOIN smtp_gateway_message AS message ON message.id = delivery.message_id
        WHERE delivery.id >= (low + high) / 2 ORDER BY delivery.id LIMIT 1
    ) AS looked
    WHERE low < high
)
SELECT low FROM span WHERE low >= high
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """Empty: any."""

    mail_type: str = ""
    sender: str = ""
    days: Span = field(default_factory=Span)

    @classmethod
    def of_parameters(cls, parameters: Mapping[str, str]) -> "Scope":
        """What is unknown counts as absent."""
        mail_type = parameters.get("type", "")
        return cls(
            mail_type if mail_type in MailType.values else "",
            parameters.get("sender", "").replace("\0", ""),
            Span.of(parameters),
        )

    def __str__(self) -> str:
        """As the audit trail says it."""
        told = [
            f"of type {self.mail_type}" if self.mail_type else "",
            f"of {self.sender}" if self.sender else "",
            f"accepted since {self.days.since.isoformat()}" if self.days.since else "",
            f"accepted before {self.days.until.isoformat()}" if self.days.until else "",
        ]
        return " ".join(filter(None, told))

    @property
    def parameters(self) -> dict[str, str]:
        """As they stand in a link; `of_parameters` reads them."""
        named = {"type": self.mail_type, "sender": self.sender, **self.days.parameters}
        return {name: value for name, value in named.items() if value}

    @property
    def of_sender(self) -> Q:
        """The one that has an index, but for the days."""
        return Q(message__sender_address=self.sender) if self.sender else Q()

    @property
    def whose(self) -> Q:
        """Deliveries of the type and the sender, at any time."""
        of_type = Q(message__mail_type=self.mail_type) if self.mail_type else Q()
        return of_type & self.of_sender

    @property
    def condition(self) -> Q:
        """Deliveries in it, to be looked at within `ids`."""
        return self.whose & self.days.condition("message__accepted_at")

    def ids(self) -> Q:
        """The range of ids that holds all deliveries of the days, and a few around them."""
        condition = Q()
        if self.days.since is not None:
            condition &= Q(pk__gte=_first_id_since(self.days.since - _OUT_OF_ORDER))
        if self.days.until is not None:
            condition &= Q(pk__lt=_first_id_since(self.days.until + _OUT_OF_ORDER))
        return condition


def _first_id_since(moment: datetime) -> int:
    """Of a delivery; where no mail is so new, beyond the newest."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_ID_SINCE, {"moment": moment})
        row = cursor.fetchone()
    return int(row[0]) if row else 0
