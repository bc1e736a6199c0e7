"""Direct delivery by DNS: from a recipient's domain to an open, rightly protected session."""
