"""The DNS records of DKIM keys."""

import re

from senders.dkim_record import TxtRecord, dkim_record


def test_a_short_record_is_one_string() -> None:
    record = dkim_record(domain="example.com", selector="s", key_type="ed25519", public_key="abc=")
    assert record == TxtRecord("s._domainkey.example.com", "v=DKIM1; k=ed25519; p=abc=")
    assert record.strings == ["v=DKIM1; k=ed25519; p=abc="]
    assert record.zone_line == 's._domainkey.example.com. IN TXT ( "v=DKIM1; k=ed25519; p=abc=" )'


def test_a_long_record_is_cut_into_strings_of_255_octets() -> None:
    record = dkim_record(domain="a.de", selector="s", key_type="rsa", public_key="A" * 600)
    assert [len(string) for string in record.strings] == [255, 255, len(record.value) - 510]
    assert "".join(record.strings) == record.value
    assert re.findall(r'"([^"]*)"', record.quoted) == record.strings
