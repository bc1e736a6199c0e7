"""Invitations: an admin names an address and a role, and its owner makes the account by a link."""
