"""What would happen to a message: the functions of gateway and relay, asked without sending.

Nothing here decides by rules of its own, and nothing is written.
"""
