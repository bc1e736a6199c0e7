"""No password is in what is kept of a session, however the log-in goes wrong."""

import base64
import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from smtp_gateway.smtp_sessions.store import row_of
from smtp_gateway.submission.transcript import Transcript, snapshot_lines

USER = "app@shop.example"
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
# The product's own rule, and anything that other systems let people choose.
passwords = st.text(ALPHABET, min_size=10, max_size=20).filter(
    lambda text: sum(map(str.isdigit, text)) >= 2
) | st.text(st.characters(codec="utf-8"), min_size=9, max_size=40)
challenges = [b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n", b"334 \r\n"]
answers = st.sampled_from(
    [*challenges, b"535 5.7.8 No\r\n", b"501 5.5.2 No\r\n", b"500 5.5.1 No\r\n", b"250 Ok\r\n", b""]
)


def b64(content: bytes) -> bytes:
    return base64.b64encode(content)


VERBS = [
    *(b"", b"", b"", b"AUTH PLAIN ", b"AUTH LOGIN ", b"auth plain ", b"AUTH  PLAIN  "),
    *(b"AUTH\tPLAIN\t", b" AUTH PLAIN ", b"AUTHPLAIN ", b"AUTH PLAIN=", b"AUTH CRAM-MD5 "),
    *(b"AUTH ", b"AUTH", b"AUTH PLAIN \n", b"\0AUTH PLAIN ", b"NOOP\rAUTH ", b"XAUTH ", b"HELP "),
    *(b"PASS ", b"MAIL FROM:<a@b.example>\rAUTH PLAIN "),
]
HARMLESS = [
    *(b"EHLO client.example", b"AUTH LOGIN", b"AUTH PLAIN", b"*", b"=", b"QUIT", b"STARTTLS"),
    *(b64(USER.encode()), b"MAIL FROM:<app@shop.example>", b"RSET"),
]


@st.composite
def secret_lines(draw: st.DrawFn, password: str) -> bytes:
    """A line that carries the password, as a broken client may send it."""
    secret = password.encode()
    user = draw(st.sampled_from([USER.encode(), b"app", b"", secret]))
    blob = draw(
        st.sampled_from(
            [
                secret,
                b"\0" + user + b"\0" + secret,
                user + b"\0" + user + b"\0" + secret,
                user + b"\0" + secret,
                user + b":" + secret,
                user + b" " + secret,
                user + secret,
                secret + b"\0" + user,
                b"\0" + secret + b"\0" + user,
            ]
        )
    )
    encoded = draw(st.sampled_from([b64(blob), b64(blob).rstrip(b"="), blob, b64(b64(blob))]))
    verb = draw(st.sampled_from([*VERBS, b"LOGIN " + user + b" "]))
    cut = draw(st.integers(0, 3))
    line = verb + encoded
    return line[: len(line) - cut] if cut else line


@st.composite
def sessions(draw: st.DrawFn) -> tuple[str, list[tuple[bytes, bytes]]]:
    password = draw(passwords)
    harmless = st.sampled_from(HARMLESS)
    lines = draw(st.lists(st.tuples(harmless | secret_lines(password), answers), max_size=12))
    return password, lines


@settings(max_examples=400, deadline=None)
@given(sessions())
def test_no_password_is_kept(session: tuple[str, list[tuple[bytes, bytes]]]) -> None:
    password, lines = session
    transcript = Transcript("0123456789abcdef", "192.0.2.1", AT)
    for said, answered in lines:
        transcript.said(said)
        if answered:
            transcript.answered(answered)
    snapshot = transcript.snapshot()
    kept = json.dumps(row_of(snapshot, snapshot_lines(snapshot), {USER}), default=str).lower()
    secret = password.encode()
    # Of a shortened line the last characters may be missing: what matters is most of them.
    for form in (password, b64(secret).decode().rstrip("="), b64(b64(secret)).decode()[:-4]):
        shown = json.dumps(form)[1:-1].lower()
        assert shown not in kept
        assert not is_telling(shown[:-4]) or shown[:-4] not in kept


def is_telling(text: str) -> bool:
    """Long enough that it is not there by chance."""
    return len(text) >= 8 and len(set(text)) > 3
