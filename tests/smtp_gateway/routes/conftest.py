from tests.smtp_gateway.relay.conftest import certificate, database

__all__ = ["certificate", "database"]
