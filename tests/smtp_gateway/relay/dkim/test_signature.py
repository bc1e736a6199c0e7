"""What a DKIM-Signature says, what it covers, and that a receiver notices every change."""

import re
from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from smtp_gateway.relay.dkim import UnusableKey, load_key, signature_fields
from tests.smtp_gateway.relay.dkim.verifying import (
    DOMAIN,
    SIGNED_AT,
    both,
    der_of,
    ed25519,
    records,
    rsa,
    sign,
    verdicts,
)

MAIL = (
    b"Received: from app ([192.0.2.1])\r\n\tby mx.example.com; Thu, 26 Nov 2026 03:30:32 +0000\r\n"
    b"From: News <news@example.com>\r\nTo: ann@home.example\r\nSubject: Hello\r\n\tyou  there\r\n"
    b"Date: Thu, 26 Nov 2026 03:30:32 +0000\r\nMessage-ID: <1@example.com>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xbc\xc3\x9fe  \t an alle \r\n\r\n\r\n"
)
ALL_GOOD = [True, True]
OVERSIGNED = ["From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe"]
PRESENT = [
    "List-Unsubscribe-Post", "Reply-To", "Cc", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding", "References", "In-Reply-To",
]  # fmt: skip


def tags(field: bytes) -> dict[str, str]:
    value = re.sub(r"\s+", "", field.decode().partition(":")[2])
    return dict(tag.split("=", 1) for tag in value.split(";"))


def fields(signed: bytes) -> list[bytes]:
    """Each signature field, unfolded lines and all."""
    return [b"DKIM-Signature" + each for each in signed.split(b"DKIM-Signature")[1:]]


def test_the_tags_of_both_signatures() -> None:
    first, second = map(tags, fields(sign(MAIL)))
    for found, algorithm, selector in (
        (first, "rsa-sha256", "dm202611r"),
        (second, "ed25519-sha256", "dm202611e"),
    ):
        assert list(found) == ["v", "a", "c", "d", "s", "t", "h", "bh", "b"]
        assert (found["v"], found["c"], found["d"]) == ("1", "relaxed/relaxed", DOMAIN)
        assert (found["a"], found["s"], found["t"]) == (algorithm, selector, str(SIGNED_AT))
    assert first["bh"] == second["bh"]


def test_each_signature_stands_without_the_other() -> None:
    first, second = fields(sign(MAIL))
    assert verdicts(first + second + MAIL) == ALL_GOOD
    assert verdicts(second + first + MAIL) == ALL_GOOD
    assert verdicts(first + MAIL) == [True]
    assert verdicts(second + MAIL) == [True]
    assert first == sign(MAIL, [rsa()])


def test_a_signature_that_came_with_the_mail_stays_and_is_not_covered() -> None:
    theirs = sign(MAIL, [ed25519("theirs")])
    ours = sign(theirs + MAIL)
    assert ours == sign(MAIL)
    dns = records([*both(), ed25519("theirs")])
    assert verdicts(ours + theirs + MAIL, dns) == [True, True, True]


def test_without_keys_nothing_is_put_in_front() -> None:
    assert signature_fields(MAIL, domain=DOMAIN, keys=[], signed_at=SIGNED_AT) == b""


@pytest.mark.parametrize("domain", ["a.de", "x" * 63 + "." + ".".join(["y" * 60] * 3)])
def test_lines_are_short_and_folded_with_tabs(domain: str) -> None:
    header = b"".join(f"{name}: x\r\n".encode() for name in [*OVERSIGNED, *PRESENT])
    signed = sign(header + b"\r\n", domain=domain)
    assert signed.endswith(b"\r\n")
    lines = signed.split(b"\r\n")[:-1]
    for line in lines:
        assert len(line) <= max(78, len(f"\td={domain};"))
        assert line.startswith((b"\t", b"DKIM-Signature: v=1; a="))
        assert line == line.rstrip()
        assert line.strip()
    assert verdicts(signed + header + b"\r\n", records(domain=domain)) == ALL_GOOD


def test_what_has_to_be_single_is_named_once_more_than_it_occurs() -> None:
    names = tags(sign(MAIL))["h"].split(":")
    for name in OVERSIGNED:
        assert names.count(name.lower()) == MAIL.count(f"\r\n{name}:".encode()) + 1
    assert "received" not in names
    assert "dkim-signature" not in names


@pytest.mark.parametrize("name", OVERSIGNED)
def test_another_field_cannot_be_added(name: str) -> None:
    signed = sign(MAIL)
    assert verdicts(signed + MAIL) == ALL_GOOD
    forged = f"{name}: x\r\n".encode()
    # Both places: verifiers and readers differ in which one they take.
    assert verdicts(signed + forged + MAIL) == [False, False]
    assert (
        verdicts(signed + MAIL.replace(b"\r\n\r\n", b"\r\n" + forged + b"\r\n", 1)) == [False] * 2
    )


@pytest.mark.parametrize("name", [*OVERSIGNED, *PRESENT])
def test_a_field_cannot_be_changed_or_taken_away(name: str) -> None:
    field = f"{name}: <mailto:x@example.com>\r\n".encode()
    mail = b"From: a@example.com\r\n" + (field if name != "From" else b"")
    if name == "From":
        field = b"From: a@example.com\r\n"
    signed = sign(mail + b"\r\n")
    assert verdicts(signed + mail + b"\r\n") == ALL_GOOD
    changed = mail.replace(field, field.replace(b"example.com", b"example.net"))
    assert verdicts(signed + changed + b"\r\n") == [False, False]
    assert verdicts(signed + mail.replace(field, b"") + b"\r\n") == [False, False]


@pytest.mark.parametrize("name", ["Received", "Return-Path", "X-Spam", "Comments"])
def test_what_relays_add_breaks_nothing(name: str) -> None:
    assert verdicts(f"{name}: x\r\n".encode() + sign(MAIL) + MAIL) == ALL_GOOD


def test_white_space_that_relays_change_breaks_nothing() -> None:
    changed = MAIL.replace(b"\r\n\tyou  there", b" you\r\n   there\t")
    changed = changed.replace(b"  \t an alle \r\n\r\n\r\n", b" an\talle\r\n")
    assert changed != MAIL
    refolded = sign(MAIL).replace(b"\r\n\t", b"\r\n        ")
    assert verdicts(refolded + changed) == ALL_GOOD


def test_an_added_line_or_a_changed_byte_breaks_both() -> None:
    signed = sign(MAIL)
    for altered in (
        MAIL + b"more\r\n",
        MAIL.replace(b"alle", b"Alle"),
        MAIL.replace(b"\xc3", b"", 1),
    ):
        assert verdicts(signed + altered) == [False, False]


def test_an_altered_time_of_signing_breaks_both() -> None:
    altered = sign(MAIL).replace(b"t=1764127832", b"t=1764127833")
    assert verdicts(altered + MAIL) == [False, False]


def test_another_key_in_dns_verifies_nothing() -> None:
    others = {"dm202611r": rsa("other").record, "dm202611e": ed25519("other").record}
    dns = {f"{selector}._domainkey.{DOMAIN}": record for selector, record in others.items()}
    assert verdicts(sign(MAIL) + MAIL, dns) == [False, False]


ODD = {
    "no separator": MAIL.partition(b"\r\n\r\n")[0] + b"\r\n",
    "no last line end": MAIL.partition(b"\r\n\r\n")[0],
    "empty body": MAIL.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
    "empty lines": MAIL.partition(b"\r\n\r\n")[0] + b"\r\n\r\n\r\n \r\n\r\n",
    "unfinished line": MAIL + b"last line",
    "8-bit header": MAIL.replace(b"Hello", b"Gr\xc3\xbc\xc3\x9fe \xff"),
    "folded with tabs": MAIL.replace(b"To: ann", b"To:\r\n\t\r\n\tann"),
    "duplicates": MAIL.replace(b"To:", b"To: bob@home.example\r\nCc: a\r\nCc: b\r\nTO:"),
    "no header": b"\r\nbody\r\n",
    "only From": b"From: a@example.com\r\n\r\nx\r\n",
    "dots": MAIL + b".\r\n..\r\n.x\r\n",
}


def as_transferred(content: bytes) -> bytes:
    """The relay ends the last line before the final dot."""
    return content if content.endswith(b"\r\n") else content + b"\r\n"


@pytest.mark.parametrize("name", [name for name in ODD if name != "no header"])
def test_odd_mails_verify(name: str) -> None:
    assert verdicts(sign(ODD[name]) + as_transferred(ODD[name])) == ALL_GOOD


def test_a_mail_without_header_is_signed_all_the_same() -> None:
    names = tags(sign(ODD["no header"]))["h"].split(":")
    assert names == [name.lower() for name in OVERSIGNED]


# --- Keys -----------------------------------------------------------------------------------------


# A key too short to protect anything: it was made for this test.
RSA_768 = (
    "MIIBygIBAAJhAK9+xG6wr7FL5j3XYeSnicXRNePQZhW0CwRidBM2khrYrHxAUW8gVZMNoJ7C32owMyvctL7cPviR"
    "z8pbC9fiDsQ0KFO36OV1k0ucRIHgNeBKhNkjuCi5sy7hcBg388+XWwIDAQABAmAYKWzkDIFz+I4vj3rT31kxmhdA"
    "UU3syQgHR4LRrl65QYGl7bkIgrwlbefiU9Qsq4v1qt4roXZ/CFYCNF4fD7tGxs355+EVX11Z2CJsiHqWQzDlkg9p"
    "Au+4f53PQxJIKxkCMQDX/8F5Ss+weRcWbPyng6RMnHHKaWrEq7E/mrZO2Ciy54xfhLgioGmWYQbIC9J0KpcCMQDP"
    "/sYz9aQKFIy2BM3r2tE3RWm94khMo49zRCMFA9IV/G4OHvyIM+EstQET/7Z5Jd0CMA2zZlVIPoZGGAXPIfOKMRi+"
    "76TULPaOoW6UZK35nhNDBq9kXr2riScFvoVf4piFvwIwfS419cGqJ5L0mPvNP1zju+Mf3/NXViC+Tj484WDKSQcy"
    "6XbGv+aRaAnMC1BEbydVAjEArrmdUKJ69kIpFJDWON+mHts1awiG9LBF2rqif/+dcoz/5zPE0X11Gn+eBApsNcrs"
)


def test_a_key_never_shows_itself() -> None:
    assert repr(rsa().key) == "PrivateKey(selector='dm202611r', algorithm='rsa-sha256')"


def test_what_cannot_sign_is_refused_by_name() -> None:
    curve = der_of(Ed25519PrivateKey.generate())
    with pytest.raises(UnusableKey, match="no private key"):
        load_key(selector="s", algorithm="rsa-sha256", der=b"nonsense")
    with pytest.raises(UnusableKey, match="no key for rsa-sha256"):
        load_key(selector="s", algorithm="rsa-sha256", der=curve)
    with pytest.raises(UnusableKey, match="no key for rsa-sha1"):
        load_key(selector="s", algorithm="rsa-sha1", der=curve)


def test_rsa_below_1024_bits_is_refused() -> None:
    """RFC 8301 section 3.2."""
    with pytest.raises(UnusableKey, match="768 bits"):
        load_key(selector="s", algorithm="rsa-sha256", der=b64decode(RSA_768))
