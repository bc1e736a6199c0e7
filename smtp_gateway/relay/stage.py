"""Where in the conversation with a next hop something happened."""

from enum import Enum


class Stage(Enum):
    """How far the conversation with the next hop had come."""

    CONNECT = "connecting"
    GREETING = "waiting for its greeting"
    HELLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    FINAL_DOT = "waiting for its answer to the complete mail"
