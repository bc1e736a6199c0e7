"""Whether our ports are free, asked before anything is started."""

import errno
import socket

from django.conf import settings

from directmail.up.errors import CannotStart

_HOST_SETTINGS = {
    "WEB_PORT": "WEB_HOST",
    "SMTP_PORT": "SMTP_HOST",
    "SMTPS_PORT": "SMTP_HOST",
    "INBOUND_PORT": "INBOUND_HOST",
    "GATEWAY_HEALTH_PORT": "GATEWAY_HEALTH_HOST",
}


def refuse_ports_in_use() -> None:
    """Raises CannotStart for the first port that cannot be opened."""
    for host, setting in (
        (settings.WEB_HOST, "WEB_PORT"),
        (settings.SMTP_HOST, "SMTP_PORT"),
        (settings.SMTP_HOST, "SMTPS_PORT"),
        (settings.INBOUND_HOST, "INBOUND_PORT"),
        (settings.GATEWAY_HEALTH_HOST, "GATEWAY_HEALTH_PORT"),
    ):
        # INBOUND_PORT and GATEWAY_HEALTH_PORT may be 0: nothing is opened.
        if port := getattr(settings, setting):
            _refuse_unless_free(host, port, setting)


def _refuse_unless_free(host: str, port: int, setting: str) -> None:
    host_setting = _HOST_SETTINGS[setting]
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, proto) as listener:
            # As the servers do: what a closed connection left behind does not count.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(1)
    except OSError as error:
        raise CannotStart(_sentence(error, host, port, setting, host_setting)) from None


def _sentence(error: OSError, host: str, port: int, setting: str, host_setting: str) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} is in use: set {setting} to a free one."
        case errno.EACCES:
            return f"Port {port} is not open to this user: set {setting} to one above 1023."
        case _:
            return (
                f"Port {port} cannot be opened on {host} ({error.strerror}): "
                f"set {host_setting} to an address of this machine."
            )
