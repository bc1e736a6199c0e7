"""The log-in name behind what somebody typed."""

from directmail.models import Operator
from verification.mail_address import InvalidMailAddress, normalize


def login_name(typed: str) -> str:
    """As it is kept: in lower case, the domain in A-labels; what is no address stays as it is."""
    name = typed.strip().lower()
    # Those who were made before names had one form may have a domain in U-labels.
    if name.isascii() or Operator.objects.filter(email=name).exists():
        return name
    try:
        return normalize(name)
    except InvalidMailAddress:
        return name
