"""How each language and tool sends as a sender address: texts to copy, ready to run.

The texts are templates in `smtp_gateway/snippets/`. None of them holds a password: each reads it
from the environment, or from a line that the reader fills in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string

from smtp_gateway.sender_page.connection import Connection


@dataclass(frozen=True, slots=True)
class Kind:
    """A language or tool; names of products need no translation."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Snippet:
    """A kind with its text for one address."""

    kind: Kind
    text: str


KINDS = (
    Kind("swaks", "swaks"),
    Kind("curl", "curl"),
    Kind("python", "Python"),
    Kind("django", "Django"),
    Kind("nodemailer", "Node.js"),
    Kind("phpmailer", "PHP"),
    Kind("java", "Java"),
    Kind("go", "Go"),
    Kind("mailkit", ".NET"),
    Kind("wordpress", "WordPress"),
)


def snippets(connection: Connection) -> Sequence[Snippet]:
    """All of them, for the address and gateway of `connection`."""
    return [Snippet(kind, snippet_text(kind.name, connection)) for kind in KINDS]


def snippet_text(name: str, connection: Connection) -> str:
    """The text of the kind with that name."""
    context = {
        "user": connection.user_name,
        "from_header": f"From: {connection.user_name}",
        "host": connection.host,
        "port": connection.starttls_port,
        "host_and_port": f"{connection.host}:{connection.starttls_port}",
        "url": f"smtp://{connection.host}:{connection.starttls_port}",
        "ca_file": connection.ca_file,
    }
    return render_to_string(f"smtp_gateway/snippets/{name}.txt", context).strip() + "\n"
