"""What the applications of a small company send in a month."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

RECEIPTS, LOGINS, NEWS = "receipts@shop.example", "accounts@shop.example", "news@shop.example"
ADDRESSES = {RECEIPTS: "trigger", LOGINS: "trigger", NEWS: "batch"}

_SUBJECTS = {
    RECEIPTS: ["Your order {n} is on its way", "Receipt for order {n}", "We got your return {n}"],
    LOGINS: ["Your code is {n}", "Reset your password", "New log-in from Chrome on Linux"],
    NEWS: ["This week: five good things under 20 €", "Autumn colours have arrived"],
}
_PEOPLE = [
    *("ada@example.net", "bjorn@example.org", "chiara@example.net", "devi@example.org"),
    *("emeka@example.net", "fatima@example.com", "grace@example.org", "hiro@example.net"),
    *("ines@example.com", "jonas@example.net", "kofi@example.org", "lena@example.com"),
]
_TROUBLED = [
    *("gone.customer@example.net", "former.colleague@example.com", "full.box@example.org"),
    *("grey.list@example.com", "blocked.words@example.org", "closed.account@example.net"),
]


@dataclass(frozen=True)
class Mail:
    """One to submit."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage


def a_month_of_mail(number: int, *, seed: int) -> Iterator[Mail]:
    """The same mails for the same seed; every ninth recipient has trouble."""
    chosen = random.Random(seed)
    troubled = itertools.cycle(_TROUBLED)
    for order in range(4100, 4100 + number):
        sender = chosen.choice([RECEIPTS, RECEIPTS, LOGINS, NEWS, NEWS])
        recipients = [chosen.choice(_PEOPLE)] if order % 9 else [next(troubled)]
        if order % 20 == 0:
            recipients += [each for each in _PEOPLE[:4] if each not in recipients]
        yield Mail(sender, tuple(recipients), _message(sender, recipients, order, chosen))


def _message(sender: str, recipients: list[str], order: int, chosen: random.Random) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"The Example Shop <{sender}>"
    message["To"] = ", ".join(recipients)
    message["Subject"] = chosen.choice(_SUBJECTS[sender]).format(n=order)
    message.set_content(f"Hello,\n\nthis is about number {order}.\n\nThe Example Shop\n")
    message.add_alternative(
        f"<h1>Hello</h1><p>This is about number <b>{order}</b>.</p><p>The Example Shop</p>",
        subtype="html",
    )
    return message
