"""Quotas, counted to the recipient over all gateways without a round trip for each mail.

A worker of the gateway takes a lease of some recipients out of the counts in PostgreSQL and spends
it from memory. What of a lease was used is written in the statement that accepts the mail, so what
a dead worker did not use comes back, and not one more.
"""
