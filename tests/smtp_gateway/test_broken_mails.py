"""Mails that are broken in every way we know, on the pages below /mailbox/."""

import pytest

from smtp_gateway.mailbox import read
from tests.smtp_gateway.mails import make_caught


def page(console, queue_id, **query):
    response = console.get(f"/mailbox/{queue_id}/", query)
    assert response.status_code == 200
    return response.content.decode()


_NESTED = b"".join(
    b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(2000)
)
BROKEN = {
    "empty": b"",
    "no headers": b"\r\n\r\nbody",
    "only bytes": bytes(range(1, 256)) * 20,
    "unknown charset": b"Content-Type: text/plain; charset=klingon\r\n\r\n\xe9",
    "charset that is no text": b"Content-Type: text/plain; charset=zlib\r\n\r\nx",
    "charset with a zero byte": b'Content-Type: text/html; charset="a\\\x01b"\r\n\r\nx',
    "bad base64": b"Content-Transfer-Encoding: base64\r\n\r\n!!!!a",
    "bad quoted-printable": b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=",
    "unknown encoding": b"Content-Transfer-Encoding: rot13\r\n\r\nx",
    "uuencode": b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\nzzz",
    "missing boundary": b"Content-Type: multipart/mixed\r\n\r\n--a\r\n\r\nx",
    "boundary never seen": b'Content-Type: multipart/mixed; boundary="a"\r\n\r\nx',
    "empty boundary": b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx',
    "nested too deep": _NESTED,
    "encoded word broken": b"Subject: =?utf-8?b?!!!?= =?x?q?=E9?=\r\nFrom: =?\r\n\r\nx",
    "header without end": b"Subject: " + b"a" * 100_000,
    "file name with line breaks": (
        b"Content-Type: a/b; name*=utf-8''a%0D%0AX-Evil%3A%201%00\r\n\r\nx"
    ),
    "file name broken": (
        b"Content-Disposition: attachment; filename*0*=x'%ZZ; filename*x=1\r\n\r\nx"
    ),
    "attached mail broken": (
        b"Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/x\r\n\r\n\xff"
    ),
    "attached mail in base64": (
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\neA=="
    ),
    "delivery status": b"Content-Type: message/delivery-status\r\n\r\nA: b\r\n\r\nC: d\r\n",
    "external body": b"Content-Type: message/external-body; name=x\r\n\r\n\r\n",
    "zero bytes": b"Content-Type: text/html\r\n\r\n<p>a\0b",
    "content type is nonsense": b"Content-Type: ;;;==\r\nContent-ID: \xff\r\n\r\nx",
    "raw UTF-8 headers": "Subject: Grüße\r\nFrom: Jörg <j@x.de>\r\n\r\nÄ".encode(),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_mail_breaks_no_page(console, content):
    queue_id = make_caught(content, subject="", message_id="")
    for view in ("", "html", "text", "headers", "source"):
        assert "Local Mailbox" in page(console, queue_id, view=view)
    assert console.get(f"/mailbox/{queue_id}/html/").status_code == 200
    assert console.get(f"/mail-log/{queue_id}/").status_code == 200
    for number in range(1, len(read(content).attachments) + 1):
        response = console.get(f"/mailbox/{queue_id}/attachments/{number}/")
        assert response.status_code == 200
        assert "X-Evil" not in response


def test_raw_utf_8_headers_are_readable(console):
    text = page(console, make_caught(BROKEN["raw UTF-8 headers"]))
    assert "Jörg &lt;j@x.de&gt;" in text


def test_encoded_headers_are_decoded():
    mail = read(b"Subject: =?iso-8859-1?q?Caf=E9?= =?utf-8?b?4pyT?= ok\r\n\r\n")
    assert mail.header("subject") == "Café✓ ok"
