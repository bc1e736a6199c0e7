"""Marks texts of pure modules for the catalogs; the console translates them where it shows them."""


def translatable(text: str) -> str:
    """The text as it is, found by `make messages`."""
    return text
