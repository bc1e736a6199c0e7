"""Log-in and everything that an operator has to do with the own account.

The work is allauth's; here is what it is asked to do differently, and the pages of our own.
"""
