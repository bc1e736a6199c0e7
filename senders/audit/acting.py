"""Who acts: bound once at the edge (a request, a command), known to whatever records below it.

Without a binding it is DirectMail itself: workers, the gateway and the relay. The command line
binds before Django's models are there, so nothing here may need them.
"""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db.models import TextChoices
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class ActorKind(TextChoices):
    """Who can act."""

    OPERATOR = "operator", _("Operator")
    COMMAND_LINE = "command_line", _("Command line")
    SYSTEM = "system", _("DirectMail itself")
    VISITOR = "visitor", _("Somebody not logged in")
    MAILBOX = "mailbox", _("Owner of the mailbox")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where."""

    kind: ActorKind
    name: str = ""
    client_address: str = ""


SYSTEM = Actor(ActorKind.SYSTEM)

# A request as it is, since its user can change while it is answered: it logs in or out.
_acting: ContextVar[HttpRequest | Actor] = ContextVar("acting", default=SYSTEM)


@contextmanager
def acting_as(who: HttpRequest | Actor) -> Iterator[None]:
    """What is recorded within it was done by `who`."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)


def who_acts() -> HttpRequest | Actor:
    return _acting.get()


def at_command_line() -> Actor:
    """The user of the system who typed the command."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        name = ""
    return Actor(ActorKind.COMMAND_LINE, name)
