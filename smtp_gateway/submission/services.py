"""What all sessions of one process share."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from smtp_gateway.submission.authentication import Authentication
from smtp_gateway.submission.config import Config
from smtp_gateway.submission.intake import Intake
from smtp_gateway.submission.last_use import LastUse

if TYPE_CHECKING:
    from smtp_gateway.submission.connection import Connection


@dataclass(slots=True)
class Services:
    """Handed to each connection; `connections` are those that are open."""

    config: Config
    tls_context: ssl.SSLContext
    authentication: Authentication
    intake: Intake
    last_use: LastUse
    now: Callable[[], datetime]
    connections: "set[Connection]" = field(default_factory=set)
    is_draining: bool = False
