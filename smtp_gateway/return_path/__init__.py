"""Signed return paths: envelope senders of our own that say which delivery came back.

All but `directory` is pure.
"""
