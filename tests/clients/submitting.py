"""Real mail clients, each driven the way its users drive it."""

import base64
import json
import os
import shutil
import smtplib
import ssl
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.clients.mails import SENDER, Mail
from tests.smtp_gateway.submission.talking import as_data

BASE_DIR = Path(__file__).resolve().parents[2]
NODE_MODULES = BASE_DIR / ".venv" / "nodemailer" / "node_modules"
_SECONDS = 60


@dataclass(frozen=True)
class Account:
    """How to reach the gateway and as whom."""

    starttls_port: int
    implicit_tls_port: int
    ca_file: Path
    user: str = SENDER
    password: str = "Matrix12Pass"
    mechanism: str = "PLAIN"
    implicit_tls: bool = False
    recipients: Sequence[str] = field(default=("ann@home.example",))

    @property
    def port(self) -> int:
        return self.implicit_tls_port if self.implicit_tls else self.starttls_port

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca_file))


@dataclass(frozen=True)
class Answer:
    """What the client made of it: whether it calls the mail sent, and all that it said."""

    is_sent: bool
    said: str


Client = Callable[[Account, Sequence[Mail]], list[Answer]]


def by_smtplib(account: Account, mails: Sequence[Mail]) -> list[Answer]:
    """One session for all mails, as a program with a connection of its own would."""
    try:
        with open_smtplib(account) as smtp:
            return [_send_by_smtplib(smtp, account, mail) for mail in mails]
    except smtplib.SMTPException as error:
        return [Answer(False, repr(error))] * len(mails)


def open_smtplib(account: Account) -> smtplib.SMTP:
    """A session that is logged in by the account's mechanism."""
    smtp: smtplib.SMTP
    if account.implicit_tls:
        smtp = smtplib.SMTP_SSL("localhost", account.port, timeout=30, context=account.trust)
    else:
        smtp = smtplib.SMTP("localhost", account.port, timeout=30)
        smtp.starttls(context=account.trust)
    smtp.ehlo()
    smtp.user, smtp.password = account.user, account.password
    try:
        smtp.auth(account.mechanism, getattr(smtp, f"auth_{account.mechanism.lower()}"))
    except smtplib.SMTPException:
        smtp.close()
        raise
    return smtp


def _send_by_smtplib(smtp: smtplib.SMTP, account: Account, mail: Mail) -> Answer:
    try:
        refused = smtp.sendmail(SENDER, list(account.recipients), mail.content, ["BODY=8BITMIME"])
    except smtplib.SMTPException as error:
        return Answer(False, repr(error))
    return Answer(True, repr(refused))


def by_curl(account: Account, mails: Sequence[Mail]) -> list[Answer]:
    scheme = "smtps" if account.implicit_tls else "smtp"
    recipients = [word for address in account.recipients for word in ("--mail-rcpt", address)]
    command = [
        "curl", "--silent", "--show-error", "--verbose", "--max-time", str(_SECONDS), "--ssl-reqd",
        "--url", f"{scheme}://localhost:{account.port}/client.example", "--cacert", account.ca_file,
        "--user", f"{account.user}:{account.password}",
        "--login-options", f"AUTH={account.mechanism}",
        "--mail-from", SENDER, *recipients, "--upload-file", "-",
    ]  # fmt: skip
    return [_run(command, mail.content) for mail in mails]


def by_msmtp(account: Account, mails: Sequence[Mail]) -> list[Answer]:
    starttls = "off" if account.implicit_tls else "on"
    command = [
        "msmtp", "--debug", "--host=localhost", f"--port={account.port}", "--tls=on",
        f"--tls-starttls={starttls}", f"--tls-trust-file={account.ca_file}",
        f"--auth={account.mechanism.lower()}", f"--user={account.user}",
        f"--passwordeval=echo {account.password}", f"--from={SENDER}", "--", *account.recipients,
    ]  # fmt: skip
    # It stands in for sendmail, which takes the lines of Unix.
    return [_run(command, mail.content.replace(b"\r\n", b"\n")) for mail in mails]


def by_swaks(account: Account, mails: Sequence[Mail]) -> list[Answer]:
    return _by_swaks(account, mails)


def by_swaks_pipelining(account: Account, mails: Sequence[Mail]) -> list[Answer]:
    return _by_swaks(account, mails, "--pipeline")


def _by_swaks(account: Account, mails: Sequence[Mail], *options: str) -> list[Answer]:
    command = [
        "swaks", "--server", "localhost", "--port", str(account.port), "--ehlo", "client.example",
        "--tls-on-connect" if account.implicit_tls else "--tls",
        "--tls-verify", "--tls-ca-path", account.ca_file,
        "--auth", account.mechanism, "--auth-user", account.user,
        "--auth-password", account.password,
        "--from", SENDER, "--to", ",".join(account.recipients),
        # Else it would replace words in the mail, and it doubles no dots.
        "--no-data-fixup", "--data", "-", "--suppress-data", *options,
    ]  # fmt: skip
    return [_run(command, as_data(mail.content).removesuffix(b"\r\n")) for mail in mails]


def by_nodemailer(account: Account, mails: Sequence[Mail]) -> list[Answer]:
    """One process for all mails, on one pooled connection."""
    envelope = {"from": SENDER, "to": list(account.recipients)}
    raw = [base64.b64encode(mail.content).decode() for mail in mails]
    return nodemailer(account, [{"raw": each, "envelope": envelope} for each in raw])


def nodemailer(account: Account, mails: Sequence[dict[str, object]]) -> list[Answer]:
    """Mails as nodemailer's own options, `raw` in base64."""
    transport = {
        "host": "localhost", "port": account.port, "secure": account.implicit_tls,
        "requireTLS": True, "pool": True, "maxConnections": 1, "authMethod": account.mechanism,
        "auth": {"user": account.user, "pass": account.password},
        "tls": {"ca": account.ca_file.read_text()},
    }  # fmt: skip
    command: list[str | Path] = ["node", Path(__file__).parent / "nodemailer" / "send.js"]
    done = subprocess.run(
        command,
        input=json.dumps({"transport": transport, "mails": mails}).encode(),
        env={**os.environ, "NODE_PATH": str(NODE_MODULES)},
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return [Answer("code" not in each, str(each)) for each in json.loads(done.stdout)]


def _run(command: Sequence[str | Path], content: bytes) -> Answer:
    done = subprocess.run(
        command, input=content, capture_output=True, timeout=_SECONDS, check=False
    )
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    return Answer(done.returncode == 0, f"exit code {done.returncode}\n{said[-4000:]}")


def _needs(*programs: str) -> pytest.MarkDecorator:
    absent = [program for program in programs if not shutil.which(program)]
    return pytest.mark.skipif(bool(absent), reason=f"not on this machine: {', '.join(absent)}")


NEEDS_NODEMAILER = pytest.mark.skipif(
    not (shutil.which("node") and NODE_MODULES.is_dir()),
    reason="Node.js or nodemailer is not here: `make test` installs nodemailer where npm is",
)
NEEDS_CURL = _needs("curl")
NEEDS_SWAKS = _needs("swaks")
CLIENTS = (
    pytest.param(by_smtplib, id="smtplib"),
    pytest.param(by_curl, id="curl", marks=NEEDS_CURL),
    pytest.param(by_msmtp, id="msmtp", marks=_needs("msmtp")),
    pytest.param(by_swaks, id="swaks", marks=NEEDS_SWAKS),
    pytest.param(by_swaks_pipelining, id="swaks pipelining", marks=NEEDS_SWAKS),
    pytest.param(by_nodemailer, id="nodemailer", marks=NEEDS_NODEMAILER),
)
