"""Routes in the state that a test is about."""

import itertools
from typing import Any

from senders.sealing import seal
from smtp_gateway.models import Route

_numbers = itertools.count(1)

PASSWORD = "Tr0ub4dor&3-of-the-smarthost"


def make_route(name: str = "", **changes: Any) -> Route:
    """A smarthost at the end of the list; `password` is sealed."""
    number = next(_numbers)
    values = {"kind": "smarthost", "position": number, "host": "smtp.example.net", **changes}
    if password := values.pop("password", ""):
        values["sealed_password"] = seal(password.encode())
    if values["kind"] != "smarthost":
        values["host"] = ""
    return Route.objects.create(name=name or f"Route {number}", **values)
