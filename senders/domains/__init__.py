"""Sender domains: what has to stand in DNS, whether it does, and whose mail may leave."""
