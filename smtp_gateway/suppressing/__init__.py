"""Suppressions in the mail path: known in memory, asked for exactly, and fed by what bounces."""
