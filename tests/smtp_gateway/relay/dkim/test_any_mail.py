"""Whatever the mail looks like, dkimpy verifies what we sign, and notices what is changed."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.smtp_gateway.relay.dkim.test_signature import ODD, OVERSIGNED, PRESENT, as_transferred
from tests.smtp_gateway.relay.dkim.verifying import sign, verdicts

OTHERS = ["Received", "X-Mailer", "Sender", "Bcc-Not", "DKIM-Filter", "List-Id"]
NAMES = st.sampled_from([*OVERSIGNED, *PRESENT, *OTHERS]).flatmap(
    lambda name: st.sampled_from([name, name.lower(), name.upper()])
)
# dkimpy takes VT and FF for white space, and a bare LF for a line end; the gateway refuses the
# latter. What we make of them is held to the standard in test_canonical.
TEXT = st.text(
    st.characters(blacklist_characters="\r\n\x0b\x0c\x1c\x1d\x1e\x1f\x85", codec="utf-8")
).map(str.encode)
SPACE = st.sampled_from([b" ", b"\t", b"  ", b" \t "])
FOLD = SPACE.map(lambda space: b"\r\n" + space)
# A line of white space alone is an obsolete fold; dkimpy reads it as we do.
VALUES = st.lists(st.one_of(TEXT, SPACE, FOLD), max_size=6).map(b"".join)
FIELDS = st.builds(lambda name, value: name.encode() + b":" + value + b"\r\n", NAMES, VALUES)
BYTES = st.binary(max_size=30).map(lambda raw: raw.replace(b"\r", b"").replace(b"\n", b""))
BODIES = st.lists(st.one_of(BYTES, SPACE, st.just(b"\r\n"), st.just(b" \r\n")), max_size=30).map(
    b"".join
)
MAILS = st.builds(
    lambda fields, body: b"".join([*fields, b"From: a@example.com\r\n\r\n", body]),
    st.lists(FIELDS, max_size=12),
    BODIES,
)


@settings(max_examples=300, deadline=None)
@given(MAILS)
def test_any_mail_verifies(mail: bytes) -> None:
    assert verdicts(sign(mail) + as_transferred(mail)) == [True, True]


@settings(max_examples=150, deadline=None)
@given(MAILS, st.data())
def test_a_changed_letter_of_the_body_is_noticed(mail: bytes, data: st.DataObject) -> None:
    start = mail.index(b"\r\n\r\n") + 4
    places = [at for at in range(start, len(mail)) if mail[at] not in b" \t\r\n"]
    assume(places)
    at = data.draw(st.sampled_from(places))
    changed = mail[:at] + (b"!" if mail[at] != ord("!") else b"?") + mail[at + 1 :]
    assert verdicts(sign(mail) + as_transferred(changed)) == [False, False]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([name for name in ODD if name != "no header"]), st.sampled_from(OVERSIGNED))
def test_a_field_added_to_an_odd_mail_is_noticed(name: str, field: str) -> None:
    forged = field.encode() + b": x\r\n" + as_transferred(ODD[name])
    assert verdicts(sign(ODD[name]) + forged) == [False, False]
