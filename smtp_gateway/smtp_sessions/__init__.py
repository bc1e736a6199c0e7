"""SMTP sessions as the console shows them: what they came to, kept where, found how."""
