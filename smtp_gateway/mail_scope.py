"""Which mail at all: of a type, of a sender, accepted on some days."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from senders.listing.days import FROM_TO, Span
from senders.models import MailType
from smtp_gateway.ids_in_time import DELIVERIES, ids_in

PARAMETERS = ("type", "sender", *(day.name for day in FROM_TO))
"""Of a link to the mail log."""


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
        return ids_in(self.days, DELIVERIES)
