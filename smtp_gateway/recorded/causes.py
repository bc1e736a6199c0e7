"""What the system says when a connection fails, as the relay records it: in small letters. Pure.

The words are those of glibc, Python's event loops and OpenSSL, for what can come of reaching a
next hop. What is not here is shown as it was recorded.
"""

from collections.abc import Sequence

from smtp_gateway.marking import translatable

_OF_CONNECTIONS: Sequence[str] = (
    translatable("address already in use"),
    translatable("address family not supported by protocol"),
    translatable("broken pipe"),
    translatable("cannot allocate memory"),
    translatable("cannot assign requested address"),
    translatable("connection lost"),
    translatable("connection refused"),
    translatable("connection reset by peer"),
    translatable("connection timed out"),
    translatable("host is down"),
    translatable("invalid argument"),
    translatable("network is down"),
    translatable("network is unreachable"),
    translatable("no address"),
    translatable("no buffer space available"),
    translatable("no route to host"),
    translatable("operation not permitted"),
    translatable("permission denied"),
    translatable("protocol not available"),
    translatable("software caused connection abort"),
    translatable("too many open files"),
    translatable("too many open files in system"),
    # asyncio's own, where uvloop says "connection refused".
    translatable("connect call failed (%(address)s)"),
)
_OF_NAMES: Sequence[str] = (
    translatable("address family for hostname not supported"),
    translatable("name or service not known"),
    translatable("no address associated with hostname"),
    translatable("non-recoverable failure in name resolution"),
    translatable("servname not supported for ai_socktype"),
    translatable("temporary failure in name resolution"),
    translatable("unknown error"),
)
_OF_CERTIFICATES: Sequence[str] = (
    translatable("CA signature digest algorithm too weak"),
    translatable("EE certificate key too weak"),
    translatable("Hostname mismatch, certificate is not valid for '%(host)s'"),
    translatable("IP address mismatch, certificate is not valid for '%(host)s'"),
    translatable("certificate has expired"),
    translatable("certificate is not yet valid"),
    translatable("certificate revoked"),
    translatable("certificate signature failure"),
    translatable("invalid CA certificate"),
    translatable("self-signed certificate"),
    translatable("self-signed certificate in certificate chain"),
    translatable("unable to get issuer certificate"),
    translatable("unable to get local issuer certificate"),
    translatable("unable to verify the first certificate"),
    translatable("unsuitable certificate purpose"),
)
CAUSES: Sequence[str] = (*_OF_CONNECTIONS, *_OF_NAMES, *_OF_CERTIFICATES)
