"""Reports to senders: delivery status notifications (DSN, RFC 3464) about their mail."""
