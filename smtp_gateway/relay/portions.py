"""What goes to a destination, in portions whose contents lie in memory together. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from smtp_gateway.queue import LeasedDelivery
from smtp_gateway.relay.jobs import Group


@dataclass(frozen=True, slots=True)
class Portion:
    """Groups, and what was read of them along with their lease: all of it, or nothing."""

    groups: Sequence[Group]
    contents: Mapping[int, bytes]

    @property
    def unread_bytes(self) -> int:
        """What is still to be read."""
        return 0 if self.contents else sum(group[0].size_bytes for group in self.groups)

    @property
    def deliveries(self) -> list[LeasedDelivery]:
        return [delivery for group in self.groups for delivery in group]


def grouped(
    deliveries: Sequence[LeasedDelivery], most_together: Callable[[LeasedDelivery], int]
) -> Iterator[Group]:
    """By message, so many of one together as are allowed for it."""
    by_message = sorted(deliveries, key=lambda delivery: delivery.message_id)
    for _, group in groupby(by_message, key=lambda delivery: delivery.message_id):
        together = list(group)
        most = most_together(together[0])
        for start in range(0, len(together), most):
            yield together[start : start + most]


def portioned(
    groups: Iterable[Group], contents: Mapping[int, bytes], most_bytes: int
) -> Iterator[Portion]:
    """Portions of at most so many bytes, or of one group; what was read is apart from the rest."""
    unread: list[Group] = []
    read: list[Group] = []
    for group in groups:
        (read if group[0].message_id in contents else unread).append(group)
    for portion in _cut(read, most_bytes):
        # Of its own mails alone: the others' contents are not to stay for as long as these.
        ids = {group[0].message_id for group in portion}
        yield Portion(portion, {message_id: contents[message_id] for message_id in ids})
    for portion in _cut(unread, most_bytes):
        yield Portion(portion, {})


def _cut(groups: Iterable[Group], most_bytes: int) -> Iterator[list[Group]]:
    portion: list[Group] = []
    size = 0
    for group in groups:
        if portion and size + group[0].size_bytes > most_bytes:
            yield portion
            portion, size = [], 0
        portion.append(group)
        size += group[0].size_bytes
    if portion:
        yield portion
