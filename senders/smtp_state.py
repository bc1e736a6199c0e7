"""Whether a sender address lets applications log in. Pure."""

from typing import Literal

SmtpState = Literal["on", "off", "suspended"]
"""`off`: it has no password that works."""
