"""The standing of each sender address: its level, what that allows, and what people decided.

What the level is made of, the gateway's package of the same name counts: it knows the mail.
"""
