"""An address, or the beginning of one, as somebody types it into a search field."""

from verification.mail_address import InvalidMailAddress, normalize


def stored_forms(search: str) -> set[str]:
    """What to look for: `search` itself and, of a whole address, the form with A-labels.

    Senders are stored in that form; recipients are kept as they were submitted, which may be
    either.
    """
    typed = search.strip("<>").lower()
    try:
        return {typed, normalize(typed)}
    except InvalidMailAddress:
        return {typed}
