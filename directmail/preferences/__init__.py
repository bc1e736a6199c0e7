"""How an operator reads the console: in which language, and in whose time."""
