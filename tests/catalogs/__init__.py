"""The catalogs of the console's texts: gathered from the code, kept for translators, compiled."""
