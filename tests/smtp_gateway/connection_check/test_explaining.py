"""Each line of a submission has its sentence, by what was said before."""

from smtp_gateway.connection_check.explaining import Explainer
from smtp_gateway.routes.trial.dialogue import Said, Speaker

DIALOGUE: list[tuple[Speaker, str, str]] = [
    ("event", "Connected.", ""),
    ("server", "220 mail ESMTP", "The gateway greets"),
    ("client", "EHLO console", "The client says its name"),
    ("server", "250-mail\n250 STARTTLS", "What it offers"),
    ("client", "STARTTLS", "It asks for encryption"),
    ("server", "220 2.0.0 Ready", "Now the TLS handshake begins."),
    ("client", "EHLO console", "It asks again"),
    ("server", "250 mail", "What it offers"),
    ("client", "AUTH PLAIN [40 bytes]", "It logs in."),
    ("server", "235 2.7.0 Ok", "User name and password are right."),
    ("client", "MAIL FROM:<a@b.example>", "It names the envelope sender"),
    ("server", "250 2.1.0 Ok", "This address may send."),
    ("client", "RCPT TO:<c@d.example>", "It names a recipient"),
    ("server", "250 2.1.5 Ok", "This recipient is taken."),
    ("client", "DATA", "It announces the mail."),
    ("server", "354 Go", "Go on"),
    ("client", "From: a@b.example", "The mail itself"),
    ("client", "QUIT is a word like another here", ""),
    ("client", ".", ""),
    ("server", "250 2.0.0 Ok: queued", "The mail is on disk."),
    ("client", "QUIT", "It says goodbye."),
    ("server", "221 2.0.0 Bye", "And closes the connection."),
]


def test_every_line_of_a_submission_is_explained_in_its_place() -> None:
    explainer = Explainer()
    for speaker, words, sentence in DIALOGUE:
        explained = explainer.explain(Said(0, speaker, words))
        assert explained.startswith(sentence)
        assert bool(explained) is bool(sentence)


def test_a_reply_that_nobody_expects_speaks_for_itself() -> None:
    explainer = Explainer()
    explainer.explain(Said(0, "client", "MAIL FROM:<a@b.example>"))
    assert explainer.explain(Said(0, "server", "451 4.3.0 Try again later")) == ""
