"""Fetches policy files of MTA-STS from their web servers (RFC 8461 section 3.3)."""

import asyncio
import ssl

from smtp_gateway.relay.mx.addresses import find_addresses
from smtp_gateway.relay.mx.answers import LookUpFailed
from smtp_gateway.relay.mx.domain import may_be_elsewhere
from smtp_gateway.relay.mx.http_answer import BadAnswer, HttpAnswer, read_answer
from smtp_gateway.relay.mx.resolver import Resolver
from smtp_gateway.relay.mx.sts_policy import InvalidPolicy, Policy, parse_policy
from smtp_gateway.relay.protection import tls_context

HTTPS_PORT = 443
# What RFC 8461 section 3.3 suggests, both.
_MAX_BYTES, _SECONDS = 64 * 1024, 60.0
_MAX_HEADER_BYTES = 16 * 1024
_MAX_ADDRESSES = 4
# Of a good answer, too: with its first 200 a server can still send one byte a minute.
_SECONDS_PER_ADDRESS = 10.0


class FetchFailed(Exception):
    """There is no policy to be had now; the text says why."""


class PolicyFetcher:
    """Fetches over HTTPS with a verified certificate, and follows no redirect."""

    def __init__(
        self,
        resolver: Resolver,
        *,
        port: int = HTTPS_PORT,
        ca_file: str = "",
        seconds: float = _SECONDS,
    ) -> None:
        """`seconds`: for all of a fetch; `ca_file`: who is trusted, instead of the system's."""
        self._resolver, self._port = resolver, port
        self._ca_file, self._seconds = ca_file, seconds

    async def fetch(self, domain: str, policy_id: str) -> Policy:
        """The policy of `domain`, a name in A-labels. Raises FetchFailed."""
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._get(f"mta-sts.{domain}")
            return _policy_in(answer, policy_id)
        except TimeoutError:
            raise FetchFailed(f"no whole answer within {self._seconds:g} seconds") from None
        except (LookUpFailed, BadAnswer, InvalidPolicy) as error:
            raise FetchFailed(str(error)) from None
        except ssl.SSLCertVerificationError as error:
            why = error.verify_message.rstrip(".")
            raise FetchFailed(f"its certificate is not trusted ({why})") from None
        except (OSError, EOFError) as error:
            raise FetchFailed(str(error) or type(error).__name__) from None

    async def _get(self, host: str) -> HttpAnswer:
        reader, writer = await self._connect(host)
        try:
            request = (
                f"GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {self._authority(host)}\r\n"
                "User-Agent: DirectMail\r\nAccept: text/plain\r\nConnection: close\r\n\r\n"
            )
            writer.write(request.encode())
            return await read_answer(reader, max_bytes=_MAX_BYTES)
        finally:
            writer.transport.abort()

    def _authority(self, host: str) -> str:
        return host if self._port == HTTPS_PORT else f"{host}:{self._port}"

    async def _connect(self, host: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        found = await find_addresses(self._resolver, host)
        fault: OSError = ConnectionError(f"{host} has no address")
        for address in [*found.ipv4, *found.ipv6][:_MAX_ADDRESSES]:
            if self._port == HTTPS_PORT and not may_be_elsewhere(address):
                continue
            try:
                async with asyncio.timeout(_SECONDS_PER_ADDRESS):
                    return await asyncio.open_connection(
                        address,
                        self._port,
                        ssl=tls_context(True, self._ca_file),
                        server_hostname=host,
                        limit=_MAX_HEADER_BYTES,
                    )
            except TimeoutError:
                fault = ConnectionError(f"no connection within {_SECONDS_PER_ADDRESS:g} seconds")
            except OSError as error:
                fault = error
        raise fault


def _policy_in(answer: HttpAnswer, policy_id: str) -> Policy:
    if answer.status != 200:
        raise BadAnswer(f"the web server answered {answer.status}")
    if answer.media_type != "text/plain":
        raise BadAnswer(f"its type is {answer.media_type or 'not given'}, and not text/plain")
    try:
        text = answer.body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadAnswer("it is no text") from None
    return parse_policy(text, policy_id=policy_id)
