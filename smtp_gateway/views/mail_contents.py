"""What a mail says, shown without trusting it: HTML in a sandbox, text, attachments, the source."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from smtp_gateway.linked_text import linked
from smtp_gateway.mail_contents.headers import read_headers
from smtp_gateway.mail_contents.looking import are_hidden, note_look
from smtp_gateway.mail_contents.stored import content_of, forgotten_since, head_of, slices_of
from smtp_gateway.mailbox import ReadMail, html_page, read
from smtp_gateway.models import Message, MessageContent

# The mail's HTML runs no script, sends no form, loads nothing from anywhere, and knows no origin:
# `sandbox` holds even where the frame is opened on its own.
HTML_POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    ]
)
_SHOWN_CHARACTERS = 200_000
_SHOWN_ATTACHMENTS = 100

# Nothing of what mail says stays on a disk that others use.
no_store = cache_control(private=True, no_store=True)

View = Callable[..., HttpResponseBase]
AnyResponse = TypeVar("AnyResponse", HttpResponse, StreamingHttpResponse)


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to look at a mail."""

    name: str
    label: str | Promise


_HTML, _TEXT, _REPORT = Tab("html", "HTML"), Tab("text", _("Text")), Tab("report", _("Report"))
_HEADERS, _SOURCE = Tab("headers", _("Headers")), Tab("source", _("Source"))


def shows_contents(view: View) -> View:
    """For those who may see contents, unless the installation hides them from everybody."""

    @wraps(view)
    def gated(request: HttpRequest, queue_id: str, **others: Any) -> HttpResponseBase:
        if are_hidden():
            context = {"queue_id": queue_id}
            return TemplateResponse(request, "smtp_gateway/mail_hidden.html", context, status=403)
        return view(request, queue_id, **others)

    allowed = permission_required("smtp_gateway.view_contents", raise_exception=True)
    return require_safe(no_store(allowed(gated)))


@shows_contents
def contents(request: HttpRequest, queue_id: str) -> TemplateResponse:
    """The mail in the mail log, read."""
    message = find_message(queue_id)
    context = {"message": message, "has_content": True, "is_hidden": False}
    content = content_of(message)
    if content is None:
        context |= {"has_content": False, "forgotten_since": forgotten_since(message)}
    else:
        note_look(request, message)
        context |= shown_contents(request, message, content, place="mail")
    return TemplateResponse(request, "smtp_gateway/mail_contents.html", context)


@shows_contents
def html(request: HttpRequest, queue_id: str) -> HttpResponse:
    return html_of(request, find_message(queue_id))


@shows_contents
def source(request: HttpRequest, queue_id: str) -> StreamingHttpResponse:
    return source_of(request, find_message(queue_id))


@shows_contents
def attachment(request: HttpRequest, queue_id: str, number: int) -> HttpResponse:
    return attachment_of(request, find_message(queue_id), number)


def find_message(queue_id: str) -> Message:
    """Raises Http404."""
    return get_object_or_404(Message, queue_id=queue_id)


def shown_contents(
    request: HttpRequest, message: Message, content: bytes, *, place: str
) -> dict[str, Any]:
    """What `mail_reader.html` needs; `place` is `mail` or `caught_mail`, for its addresses."""
    mail = read(content)
    tabs = _tabs(mail, place)
    wanted = request.GET.get("view", "")
    shown = next((tab for tab in tabs if tab.name == wanted), tabs[0])
    context = {
        "mail": mail,
        "tabs": [(tab.label, f"?view={tab.name}", tab == shown) for tab in tabs],
        "shown": shown.name,
        "is_cut": _is_cut(mail, content, shown),
        "html_url": reverse(f"smtp_gateway:{place}_html", args=[message.queue_id]),
        "source_url": reverse(f"smtp_gateway:{place}_source", args=[message.queue_id]),
        "attachments": [
            (part, reverse(f"smtp_gateway:{place}_attachment", args=[message.queue_id, number]))
            for number, part in enumerate(mail.attachments[:_SHOWN_ATTACHMENTS], 1)
        ],
        "attachments_left_out": max(0, len(mail.attachments) - _SHOWN_ATTACHMENTS),
    }
    if shown == _TEXT:
        context["text"] = linked(mail.text[:_SHOWN_CHARACTERS])
    if shown == _SOURCE:
        context["source"] = content[:_SHOWN_CHARACTERS].decode("utf-8", "replace")
    if shown == _HEADERS:
        context["fields"] = read_headers(head_of(message))
    return context


def html_of(request: HttpRequest, message: Message) -> HttpResponse:
    note_look(request, message)
    page = html_page(read(_content_or_404(message)))
    response = HttpResponse(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = HTML_POLICY
    # A link out of a mail tells its target nothing about the console.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def source_of(request: HttpRequest, message: Message) -> StreamingHttpResponse:
    """The mail byte for byte, a slice at a time."""
    if not MessageContent.objects.filter(pk=message.pk).exists():
        raise Http404
    note_look(request, message)
    response = StreamingHttpResponse(slices_of(message), content_type="message/rfc822")
    return _saved(response, f"{message.queue_id}.eml")


def attachment_of(request: HttpRequest, message: Message, number: int) -> HttpResponse:
    attachments = read(_content_or_404(message)).attachments
    if not 1 <= number <= len(attachments):
        raise Http404
    note_look(request, message)
    part = attachments[number - 1]
    # Whatever it says it is: the browser only ever saves it.
    response = HttpResponse(part.content, content_type="application/octet-stream")
    return _saved(response, part.name)


def _content_or_404(message: Message) -> bytes:
    content = content_of(message)
    if content is None:
        raise Http404
    return content


def _tabs(mail: ReadMail, place: str) -> list[Tab]:
    """A page of the mail log has a page of headers beside it."""
    html = [_HTML] if mail.html else []
    text = [_TEXT] if mail.text or not mail.html else []
    report = [_REPORT] if mail.statuses else []
    headers = [_HEADERS] if place == "caught_mail" else []
    return [*html, *text, *report, *headers, _SOURCE]


def _is_cut(mail: ReadMail, content: bytes, shown: Tab) -> bool:
    length = {_TEXT: len(mail.text), _SOURCE: len(content)}.get(shown, 0)
    return length > _SHOWN_CHARACTERS


def _saved(response: AnyResponse, name: str) -> AnyResponse:
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response.headers["Content-Disposition"] = disposition or "attachment"
    return response
