"""What each delivery gets in front of its mail, by the policy of its mail type, and its return
path. Pure.

The links are made by whoever knows keys and addresses; see `delivery_rules.reading`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from smtp_gateway.queue.values import LeasedDelivery
from smtp_gateway.relay.own.list_fields import (
    PRECEDENCE,
    has_one_click,
    has_precedence,
    list_fields,
    without_list_fields,
)
from smtp_gateway.relay.own.value import Own
from smtp_gateway.return_path.paths import ReturnPaths

Links = Callable[[str, str], tuple[str, str]]
"""For a sender address and a recipient the https link, and a mailto URI or nothing."""


@dataclass(frozen=True, slots=True)
class Making:
    """What holds for deliveries at present."""

    links: Links
    one_click_types: Collection[str] = ("batch",)
    """The mail types whose recipients can leave with one click."""
    return_paths: ReturnPaths | None = None
    """None: envelope senders stay as they are."""

    def is_single(self, delivery: LeasedDelivery) -> bool:
        """Whether it needs a transaction of its own: for its link (RFC 8058 section 3.1), or since
        what comes back can say by nothing but its address which delivery it is about.
        """
        return self._has_link(delivery) or self._has_return_path(delivery)

    def fields_for(
        self, *, sender_address: str, mail_type: str, recipient: str, head: bytes
    ) -> bytes:
        """What a recipient's mail with this header gets in front, before it is signed."""
        if not sender_address or mail_type not in self.one_click_types:
            return b""
        (has_pair, precedence), _ = _looked_at(head)
        links = b"" if has_pair else list_fields(*self.links(sender_address, recipient))
        return links + precedence

    def _has_link(self, delivery: LeasedDelivery) -> bool:
        return bool(delivery.sender_address) and delivery.mail_type in self.one_click_types

    def _has_return_path(self, delivery: LeasedDelivery) -> bool:
        return self.return_paths is not None and self.return_paths.apply_to(delivery.mail_from)

    def made(
        self, groups: Sequence[Sequence[LeasedDelivery]], contents: Mapping[int, bytes]
    ) -> tuple[dict[int, Own], Mapping[int, bytes]]:
        """By delivery id what is its own, and the contents as they go behind it.

        A mail whose content is gone has nothing; its attempt says so.
        """
        own: dict[int, Own] = {}
        changed: dict[int, bytes] = {}
        brings: dict[int, tuple[bool, bytes]] = {}
        for (delivery,) in (group for group in groups if self._adds_to(group, contents)):
            message_id = delivery.message_id
            mail_from = self._return_path(delivery)
            if not self._has_link(delivery):
                own[delivery.delivery_id] = Own(mail_from=mail_from)
                continue
            if message_id not in brings:
                brings[message_id], changed[message_id] = _looked_at(contents[message_id])
            has_pair, precedence = brings[message_id]
            fields = b"" if has_pair else self._fields(delivery)
            own[delivery.delivery_id] = Own(fields + precedence, mail_from)
        return own, {**contents, **changed} if changed else contents

    def _adds_to(self, group: Sequence[LeasedDelivery], contents: Mapping[int, bytes]) -> bool:
        return len(group) == 1 and group[0].message_id in contents and self.is_single(group[0])

    def _return_path(self, delivery: LeasedDelivery) -> str | None:
        if self.return_paths is None:
            return None
        return self.return_paths.of(delivery.delivery_id, delivery.mail_from)

    def _fields(self, delivery: LeasedDelivery) -> bytes:
        return list_fields(*self.links(delivery.sender_address, delivery.recipient))


def _looked_at(content: bytes) -> tuple[tuple[bool, bytes], bytes]:
    """Whether it brings a pair of its own, the Precedence it lacks, and it without half a pair."""
    has_pair = has_one_click(content)
    precedence = b"" if has_precedence(content) else PRECEDENCE
    return (has_pair, precedence), content if has_pair else without_list_fields(content)
