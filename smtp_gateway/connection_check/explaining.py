"""What each line of the dialogue means, for who reads SMTP for the first time."""

from django.utils.translation import gettext_lazy as _

from smtp_gateway.routes.trial.dialogue import Said

_CLIENT = {
    "EHLO": _("The client says its name, and asks what the gateway offers."),
    "STARTTLS": _("It asks for encryption, before any password."),
    "AUTH": _("It logs in. Of what it says only the size is shown."),
    "MAIL": _("It names the envelope sender: the address that it logged in as, and no other."),
    "RCPT": _("It names a recipient; there may be several."),
    "DATA": _("It announces the mail."),
    "QUIT": _("It says goodbye."),
}
_EHLO_AGAIN = _("It asks again: what was said before the encryption does not count.")
_MAIL = _("The mail itself: its header, an empty line, its text, and a single dot at the end.")
_SERVER = {
    ("", "220"): _("The gateway greets: the port is open, and it speaks SMTP."),
    ("EHLO", "250"): _("What it offers: AUTH is among it once the connection is encrypted."),
    ("STARTTLS", "220"): _("Now the TLS handshake begins."),
    ("AUTH", "235"): _("User name and password are right."),
    ("AUTH", "535"): _("This user name and this password do not belong together."),
    ("MAIL", "250"): _("This address may send."),
    ("RCPT", "250"): _("This recipient is taken."),
    ("DATA", "354"): _("Go on: everything up to a single dot is the mail."),
    (".", "250"): _("The mail is on disk. From here on DirectMail answers for it."),
    ("QUIT", "221"): _("And closes the connection."),
}


class Explainer:
    """Give it the lines in order."""

    def __init__(self) -> None:
        self._verb = ""
        self._is_in_mail = False
        self._said: set[str] = set()

    def explain(self, said: Said) -> str:
        """A sentence; empty where the line speaks for itself."""
        if said.speaker == "client":
            return self._of_client(said.words)
        if said.speaker == "server":
            code = said.words[:3]
            self._is_in_mail = code == "354"
            return str(_SERVER.get((self._verb, code), ""))
        return ""

    def _of_client(self, words: str) -> str:
        if self._is_in_mail:
            is_first, self._verb = self._verb != ".", "."
            return str(_MAIL) if is_first else ""
        verb = words.partition(" ")[0]
        if verb not in _CLIENT:
            return ""
        is_again, self._verb = verb in self._said, verb
        self._said.add(verb)
        return str(_EHLO_AGAIN if is_again and verb == "EHLO" else _CLIENT[verb])
