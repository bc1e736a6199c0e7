"""Real PostgreSQL and Redis, started privately under VAR_DIR where no servers are named.

Both listen on a Unix socket only, so they collide with nothing and nobody outside reaches them.
"""

from directmail.embedded.errors import EmbeddedError
from directmail.embedded.postgres import POSTGRES_MAJOR, EmbeddedPostgres
from directmail.embedded.redis import EmbeddedRedis

__all__ = ["POSTGRES_MAJOR", "EmbeddedError", "EmbeddedPostgres", "EmbeddedRedis"]
