"""What the applications of a small company send in a month."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

RECEIPTS, LOGINS, NEWS = "receipts@shop.example", "accounts@shop.example", "news@shop.example"
ADDRESSES = {RECEIPTS: "trigger", LOGINS: "trigger", NEWS: "batch"}
OLD = "old-shop@shop.example"
"""One that nobody uses any more."""
TRIED_OUT = "tryout.example"
"""Mail to this domain stays in the local mailbox."""
POISON = "poison@example.org"

MONTH, TODAY, FIRST_ORDER = 220, 60, 4100
LATELY = TODAY + 5
"""What is tried out and set aside included."""

_SUBJECTS = {
    RECEIPTS: ["Your order {n} is on its way", "Receipt for order {n}", "We got your return {n}"],
    LOGINS: ["Your code is {n}", "Reset your password", "New log-in from Chrome on Linux"],
    NEWS: ["This week: five good things under 20 €", "Autumn colours have arrived"],
}
_HTML = """\
<body style="margin: 0; padding: 32px; background: #f3f1ec; font-family: Georgia, serif">
  <div style="max-width: 520px; margin: auto; padding: 32px; background: white; color: #33302a">
    <p style="margin: 0; letter-spacing: 2px; color: #a5543a">THE EXAMPLE SHOP</p>
    <h1 style="font-size: 26px">{subject}</h1>
    <p>Hello,</p>
    <p>this is about number <b>{n}</b>. Nothing has to be done: we only want you to know.</p>
    <p><a href="https://shop.example/{n}" style="color: #a5543a">Look at it in the shop</a></p>
    <p style="margin-bottom: 0; color: #857f74">You get this because you are our customer.</p>
  </div>
</body>
"""
_INVOICE = b"order,article,price\r\n5004,Winter boots,79.90\r\n"
_PEOPLE = [
    *("ada@example.net", "bjorn@example.org", "chiara@example.net", "devi@example.org"),
    *("emeka@example.net", "fatima@example.com", "grace@example.org", "hiro@example.net"),
    *("ines@example.com", "jonas@example.net", "kofi@example.org", "lena@example.com"),
]
_REFUSED = [
    *("gone.customer@example.net", "former.colleague@example.com"),
    *("blocked.words@example.org", "closed.account@example.net"),
]
_DELAYED = ["full.box@example.org", "grey.list@example.com"]


@dataclass(frozen=True)
class Mail:
    """One to submit."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    wants_reports: bool = True


def a_month_of_mail(*, seed: int) -> Iterator[Mail]:
    """The same mails for the same seed, the oldest first; many a recipient has trouble.

    What only waits is from today. Reports are wanted of some of that: they come last of all.
    """
    chosen = random.Random(seed)
    past, lately = itertools.cycle(_REFUSED), itertools.cycle([*_DELAYED, *_REFUSED, *_DELAYED])
    for number in range(MONTH + TODAY):
        order, is_past = FIRST_ORDER + number, number < MONTH
        sender = chosen.choice([RECEIPTS, RECEIPTS, LOGINS, NEWS, NEWS])
        troubled, often = (past, 9) if is_past else (lately, 5)
        recipients = [chosen.choice(_PEOPLE) if number % often else _once(next(troubled), number)]
        if number % 20 == 0:
            recipients += [each for each in _PEOPLE[:4] if each not in recipients]
        message = _message(sender, recipients, order, chosen)
        yield Mail(
            sender, tuple(recipients), message, wants_reports=not is_past and number % 10 == 0
        )


def _once(recipient: str, number: int) -> str:
    """Who was refused for good gets no second mail, so that each is somebody else."""
    return recipient.replace("@", f".{number}@") if recipient in _REFUSED else recipient


def tried_out() -> Iterator[Mail]:
    """What somebody looks at before customers get it; the last has files attached."""
    recipients = [f"design@{TRIED_OUT}"]
    for number, sender in enumerate([NEWS, LOGINS, NEWS], 5001):
        message = _message(sender, recipients, number, random.Random(number))
        yield Mail(sender, tuple(recipients), message)
    message = _message(RECEIPTS, recipients, 5004, random.Random(5004))
    message.add_attachment(_INVOICE, maintype="text", subtype="csv", filename="invoice-5004.csv")
    message.add_attachment("Terms of the shop.\n", filename="terms of the shop.txt")
    yield Mail(RECEIPTS, tuple(recipients), message)


def _message(sender: str, recipients: list[str], order: int, chosen: random.Random) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"The Example Shop <{sender}>"
    message["To"] = ", ".join(recipients)
    message["Subject"] = chosen.choice(_SUBJECTS[sender]).format(n=order)
    message.set_content(f"Hello,\n\nthis is about number {order}.\n\nThe Example Shop\n")
    message.add_alternative(_HTML.format(subject=message["Subject"], n=order), subtype="html")
    return message
