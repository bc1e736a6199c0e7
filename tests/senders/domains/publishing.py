"""What a domain in the tables wants, published."""

from senders.domains.services import subject_of
from senders.models import SenderDomain
from tests.senders.domains.dns import publish_for
from tests.smtp_gateway.relay.internet.names import Names


def publish(names: Names, row: SenderDomain, *kinds: str) -> None:
    """The records that are wanted for `row`: all, or those of these kinds."""
    publish_for(names, subject_of(row), *kinds)
