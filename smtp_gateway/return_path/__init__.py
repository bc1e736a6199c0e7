"""Signed return paths: envelope senders of our own that say which delivery came back. Pure."""
