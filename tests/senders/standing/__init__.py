"""The standing of sender addresses: its rows, and what they allow."""
