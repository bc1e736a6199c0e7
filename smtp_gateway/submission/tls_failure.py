"""What is told of a TLS handshake that failed. Pure."""

import ssl

from smtp_gateway.submission.transcript import TLS_FAILED


def describe(error: OSError) -> str:
    """For the session's transcript, with OpenSSL's name of the reason where it has one."""
    return f"{TLS_FAILED}: {_reason(error)}"


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return str(error.reason or type(error).__name__)
    # How the event loops call a handshake that takes too long.
    if isinstance(error, ConnectionAbortedError):
        return "the client took too long"
    if isinstance(error, ConnectionError):
        return "the client closed the connection"
    return type(error).__name__
