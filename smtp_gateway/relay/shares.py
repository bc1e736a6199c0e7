"""What part of a destination's caps is this relay's: they are divided, not counted together.

So nothing has to be asked and nothing can be away; the sum never exceeds the cap. Pure.
"""

from dataclasses import dataclass

from smtp_gateway.relay.governor import Caps


@dataclass(frozen=True, slots=True)
class Rank:
    """This relay among those alive: `number` of `count`, from 0."""

    number: int = 0
    count: int = 1


ALONE = Rank()


def share(rank: Rank, *, connections: int, mails_per_minute: int | None, key: int) -> Caps:
    """The caps of the relay with that rank.

    What does not divide goes to the first ones in an order that differs by `key`, so that no
    relay gets all that is left over. A share may be no connection at all.
    """
    place = (rank.number + key) % rank.count
    own = connections // rank.count + (place < connections % rank.count)
    if mails_per_minute is None or not own:
        return Caps(own)
    # By connections, as a relay without any sends nothing.
    return Caps(own, 60.0 / mails_per_minute * connections / own)
