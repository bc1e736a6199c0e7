"""Marks of direction in foreign text turn nothing around that stands beside it."""

import re

import pytest

from smtp_gateway.models import Delivery
from smtp_gateway.queue import Client
from tests.smtp_gateway.acting import act
from tests.smtp_gateway.mails import attempt_all, make_caught, make_mail

OVERRIDE = "\u202e"
ODD = f"a{OVERRIDE}b"
CONTENT = (
    f"From: {ODD}\r\nTo: {ODD}\r\nCc: {ODD}\r\nReply-To: {ODD}\r\nSubject: {ODD}\r\n"
    f'Content-Disposition: attachment; filename="{ODD}.txt"\r\n\r\nHello.\r\n'
).encode()
FOREIGN = {
    "content": CONTENT,
    "subject": ODD,
    "mail_from": f"{ODD}@example.com",
    "message_id": f"<{ODD}@x>",
    "recipients": [f"{ODD}1@example.org", f"{ODD}2@example.org"],
    "client": Client(ip="192.0.2.1", name=ODD),
}


def beside_what_is_isolated(console, url):
    text = console.get(url).content.decode()
    assert OVERRIDE in text
    return re.sub(r"<title>.*?</title>|<bdi[ >].*?</bdi>", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("url", ["/mail-log/", "/mail-log/{}/"])
@pytest.mark.parametrize("outcome", ["deferred", "bounced"])
def test_the_mail_log_isolates_what_others_wrote(console, url, outcome):
    queue_id = make_mail(**FOREIGN)
    attempt_all(outcome, reply=f"450 {ODD}", reason=f"It said {ODD}", next_hop=f"{ODD}:25")
    assert OVERRIDE not in beside_what_is_isolated(console, url.format(queue_id))


@pytest.mark.parametrize("name", ["cancel", "retry", "send-again"])
def test_the_question_of_an_action_and_its_answer_isolate_the_recipient(console, name):
    queue_id = make_mail(**{**FOREIGN, "recipients": [f"{ODD}1@example.org"]})
    if name != "cancel":
        attempt_all("deferred" if name == "retry" else "bounced")
    url = f"/mail-log/actions/{name}/?of=mail&queue_id={queue_id}"
    assert OVERRIDE not in beside_what_is_isolated(console, url)
    one = Delivery.objects.get().pk
    text = act(console, name, of="mail", queue_id=queue_id, delivery=one).content.decode()
    assert f"The mail to \u2068{ODD}1@example.org\u2069 is" in text
    assert OVERRIDE not in beside_what_is_isolated(console, "/mail-log/actions/")


@pytest.mark.parametrize("url", ["/mailbox/", "/mailbox/{}/", "/mailbox/{}/?view=headers"])
def test_the_mailbox_isolates_what_others_wrote(console, url):
    queue_id = make_caught(**FOREIGN)
    assert OVERRIDE not in beside_what_is_isolated(console, url.format(queue_id))
