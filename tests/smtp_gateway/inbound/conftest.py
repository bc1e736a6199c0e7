"""A certificate and the loop that the gateway uses."""

from tests.smtp_gateway.submission.conftest import pytest_asyncio_loop_factories, tls_context

__all__ = ["pytest_asyncio_loop_factories", "tls_context"]
