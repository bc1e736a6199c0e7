"""A second receiver that shares no code with dkimpy: mailauth, on Node.js."""

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from django.utils import timezone

from senders.dkim_record import TxtRecord
from senders.dkim_services import activate, generate_dkim_keys
from smtp_gateway import directory
from smtp_gateway.relay.dkim import load_key, signature_fields
from tests.clients.receiving import NEEDS_MAILAUTH, run_mailauth
from tests.smtp_gateway.relay.dkim.test_rfc8463 import DNS, SIGNED
from tests.smtp_gateway.relay.dkim.test_signature import MAIL, ODD, OVERSIGNED, as_transferred
from tests.smtp_gateway.relay.dkim.verifying import SIGNED_AT, records, sign

pytestmark = NEEDS_MAILAUTH


def results(
    tmp_path: Path, mails: Sequence[bytes], dns: Mapping[str, str] | None = None
) -> list[list[str]]:
    """`pass` or what is wrong, for each signature of each mail."""
    zone = {name: TxtRecord(name, value).strings for name, value in (dns or records()).items()}
    file = tmp_path / "zone.json"
    file.write_text(json.dumps(zone))
    encoded = json.dumps([base64.b64encode(mail).decode() for mail in mails])
    verdicts = run_mailauth("verify.js", str(file), said=encoded.encode())
    return [
        [each["result"] if each["result"] == "pass" else each["comment"] for each in verdict]
        for verdict in verdicts
    ]


def as_received(mail: bytes) -> bytes:
    """mailauth finds no header where no empty line ends it; the receiving MTA adds one."""
    mail = as_transferred(mail)
    return mail if b"\r\n\r\n" in mail else mail + b"\r\n"


def test_both_signatures_of_every_kind_of_mail_pass(tmp_path: Path) -> None:
    mails = {name: mail for name, mail in ODD.items() if name != "no header"}
    mails["space before the colon"] = MAIL.replace(b"Subject:", b"Subject \t:")
    mails["100 KiB"] = MAIL + b"The quick brown fox  jumps over.\r\n" * 3_000
    found = results(tmp_path, [sign(mail) + as_received(mail) for mail in mails.values()])
    assert dict(zip(mails, found, strict=True)) == {name: ["pass", "pass"] for name in mails}


def test_altered_mails_do_not_pass(tmp_path: Path) -> None:
    signed = sign(MAIL)
    altered = [
        signed + MAIL + b"more\r\n",
        signed + MAIL.replace(b"alle", b"Alle"),
        signed + MAIL.replace(b"Subject: Hello", b"Subject: Hallo"),
        signed.replace(b"t=1764127832", b"t=1764127833") + MAIL,
        *(signed + name.encode() + b": x\r\n" + MAIL for name in OVERSIGNED),
    ]
    body, signature = ["body hash did not verify"] * 2, ["bad signature"] * 2
    assert results(tmp_path, altered) == [body, body, *[signature] * (2 + len(OVERSIGNED))]


def test_without_a_record_there_is_no_key(tmp_path: Path) -> None:
    nobody = {"elsewhere._domainkey.example.com": "v=DKIM1; p="}
    assert results(tmp_path, [sign(MAIL) + MAIL], nobody) == [["no key", "no key"]]


def test_the_example_of_rfc_8463_passes(tmp_path: Path) -> None:
    """So it is the verifier that we take it for."""
    assert results(tmp_path, [SIGNED, SIGNED.replace(b"hungry", b"thirsty")], DNS) == [
        ["pass", "pass"], ["body hash did not verify"] * 2,
    ]  # fmt: skip


@pytest.mark.django_db
def test_generated_keys_verify_by_the_records_that_the_console_shows(tmp_path: Path) -> None:
    keys = generate_dkim_keys("müller.example", now=timezone.now())
    for key in keys:
        activate(key, now=timezone.now())
    domain = keys[0].domain
    loaded = [
        load_key(selector=key.selector, algorithm=key.algorithm, der=key.private_key)
        for key in directory.find_signing_keys([domain])[domain]
    ]
    fields = signature_fields(MAIL, domain=domain, keys=loaded, signed_at=SIGNED_AT)
    dns = {key.record.name: key.record.value for key in keys}
    assert results(tmp_path, [fields + MAIL], dns) == [["pass", "pass"]]
