"""The LIMITS keyword of EHLO (RFC 9422): what a client can know before it runs into it."""


def limits_keyword(*, max_recipients: int, max_mails: int | None = None) -> str:
    """As in `LIMITS RCPTMAX=100 MAILMAX=50`. None: as many mails in a session as one likes."""
    names = {"RCPTMAX": max_recipients, "MAILMAX": max_mails}
    # A value has at most 6 digits (section 3); a limit beyond them need not be known.
    said = [f"{name}={value}" for name, value in names.items() if value and value < 10**6]
    return " ".join(["LIMITS", *said]) if said else ""
