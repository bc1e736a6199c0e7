"""What would be put in front of the mail and taken out of it: by the gateway, then by the relay."""

from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from senders.opting_out.links import one_click_counts
from smtp_gateway import directory
from smtp_gateway.delivery_rules import reading
from smtp_gateway.delivery_rules.loading import return_paths
from smtp_gateway.gateway_config import submission_config
from smtp_gateway.preview.values import Asked, Line
from smtp_gateway.queue import LeasedDelivery
from smtp_gateway.queue_id import new_queue_id
from smtp_gateway.relay.own.list_fields import has_one_click
from smtp_gateway.relay.own.making import Making
from smtp_gateway.signing_key import SigningKey
from smtp_gateway.submission import message as messages
from smtp_gateway.submission.message import Message, Trace

_EXAMPLE_ID = 0


def change_lines(message: Message, asked: Asked) -> Iterator[Line]:
    """`message`: what the gateway has judged."""
    fixed = messages.fix_up(message, _trace(asked), reply_to=asked.sender.policy.added_reply_to)
    after = messages.split(fixed)
    assert after is not None  # noqa: S101 - what is put in front are whole fields
    yield from _added(message, after)
    yield from _dropped(message, after)
    yield from _own_fields(fixed, asked)
    yield from _signatures(asked)


def _trace(asked: Asked) -> Trace:
    only = asked.recipients[0] if len(asked.recipients) == 1 else ""
    return Trace(
        hello_name="client.example",
        client_ip="192.0.2.1",
        hostname=submission_config().hostname,
        queue_id=new_queue_id(),
        accepted_at=asked.now,
        tls="TLSv1.3",
        only_recipient=only,
    )


def _added(before: Message, after: Message) -> Iterator[Line]:
    count = len(after.fields) - len([field for field in after.fields if field in before.fields])
    for field in after.fields[:count]:
        name = field.partition(b":")[0].decode()
        title = _("%(name)s is added") % {"name": name}
        yield Line("info", title, _WHY_ADDED.get(name.lower(), lambda: "")(), code=_text(field))


def _dropped(before: Message, after: Message) -> Iterator[Line]:
    for field, name in zip(before.fields, before.names, strict=True):
        if field not in after.fields and name not in after.names:
            title = _("%(name)s is removed") % {"name": field.partition(b":")[0].decode()}
            text = _("It is for the sender's side alone; the envelope says who gets the mail.")
            yield Line("info", title, text)


_WHY_ADDED = {
    "received": lambda: _("Says how the mail came in; the client's values stand for an example."),
    "date": lambda: _("The mail has none."),
    "message-id": lambda: _("The mail has none."),
    "reply-to": lambda: _("The mail has none, and so it is chosen for this address."),
}


def _own_fields(content: bytes, asked: Asked) -> Iterator[Line]:
    making = Making(reading.opt_out_links(), reading.one_click_types(), return_paths())
    delivery = _delivery(asked)
    own, _changed = making.made([[delivery]], {delivery.message_id: content})
    found = own.get(delivery.delivery_id)
    if making.is_single(delivery) and len(asked.recipients) > 1:
        yield Line(
            "info",
            _("Each recipient gets a copy of its own"),
            _("So that each has its own link or return path. What follows is that of the first."),
        )
    if found is not None and found.fields:
        added = messages.split(found.fields + b"\r\n")
        for field in added.fields if added else ():
            name = field.partition(b":")[0].decode()
            title = _("%(name)s is added") % {"name": name}
            yield Line("info", title, _why_own(name.lower(), asked), code=_text(field))
        if b"List-Unsubscribe:" in found.fields:
            yield from _one_click_lines(asked)
    if has_one_click(content):
        yield Line(
            "info", _("Its own List-Unsubscribe stays"), _("The mail brings a complete pair.")
        )
    yield _envelope(found.mail_from if found else None, asked)


def _why_own(name: str, asked: Asked) -> str:
    if name == "precedence":
        return _("Tells responders that this is no personal mail.")
    if not one_click_counts():
        return _("Lets the recipient leave on the page behind the link.")
    if not _keys(asked):
        return _("Lets the recipient leave; no signature covers it.")
    return _("Lets the recipient leave with one click; the signature covers it.")


def _one_click_lines(asked: Asked) -> Iterator[Line]:
    """Why receivers will not offer it, if so."""
    title = _("Receivers will not offer one click")
    if not one_click_counts():
        yield Line(
            "wait",
            title,
            _("The link is not https, so the mail does not promise one click (RFC 8058)."),
            advice=_("Put a proxy with a certificate in front, and set PUBLIC_URL to https."),
        )
    elif not _keys(asked):
        yield Line(
            "wait",
            title,
            _("No DKIM signature covers the fields, as RFC 8058 wants it."),
            advice=_("Generate keys, publish them, and have them activated."),
            url=_domain_page(),
            url_label=_("Domains"),
        )


def _envelope(mail_from: str | None, asked: Asked) -> Line:
    if mail_from is None:
        return Line(
            "info",
            _("The envelope sender stays"),
            _("Bounces that come later go to the address itself, and nobody counts them here."),
            code=f"MAIL FROM:<{asked.address}>",
            advice=_(
                "Publish the return path of the domain, and each delivery gets one of its own."
            ),
            url=_domain_page(),
            url_label=_("Domains"),
        )
    return Line(
        "info",
        _("Its return path is its own"),
        _("What bounces later comes back here and is counted. The number is an example."),
        code=f"MAIL FROM:<{mail_from}>",
    )


def _signatures(asked: Asked) -> Iterator[Line]:
    keys = _keys(asked)
    for key in keys:
        yield Line("ok", _("DKIM-Signature is added"), code=_signed_by(key))
    if not keys:
        yield Line(
            "wait",
            _("The mail leaves unsigned"),
            _("The domain has no active DKIM key, and receivers trust it less."),
            advice=_("Generate keys, publish them, and have them activated."),
            url=_domain_page(),
            url_label=_("Domains"),
        )


def _keys(asked: Asked) -> Sequence[SigningKey]:
    """Those that sign; what no SECRET_KEY opens does not."""
    keys = directory.find_signing_keys([asked.domain])[asked.domain]
    return [key for key in keys if key.private_key]


def _signed_by(key: SigningKey) -> str:
    return f"d={key.domain}; s={key.selector}; a={key.algorithm}"


def _domain_page() -> str:
    return reverse("senders:domains")


def _delivery(asked: Asked) -> LeasedDelivery:
    """As the relay would have it in hand for the first recipient."""
    return LeasedDelivery(
        delivery_id=_EXAMPLE_ID,
        message_id=_EXAMPLE_ID,
        queue_id="",
        origin="smtp",
        mail_type=asked.mail_type,
        mail_from=asked.address,
        recipient=asked.recipients[0] if asked.recipients else "",
        header_message_id="",
        attempt_count=0,
        size_bytes=asked.size_bytes,
        needs_smtputf8=False,
        is_8bit=False,
        expires_at=asked.now,
        sender_address=asked.address,
    )


def _text(field: bytes) -> str:
    return field.decode("utf-8", "replace").rstrip()
