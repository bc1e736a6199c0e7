"""A mail of the local mailbox, shown without trusting it."""

from dataclasses import dataclass

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from smtp_gateway.linked_text import linked
from smtp_gateway.mailbox import ReadMail, find_caught, html_page, read
from smtp_gateway.models import CaughtMail

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


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to look at a mail."""

    name: str
    label: str


_HTML, _TEXT, _REPORT = Tab("html", "HTML"), Tab("text", "Text"), Tab("report", "Report")
_HEADERS, _SOURCE = Tab("headers", "Headers"), Tab("source", "Source")


@require_safe
@permission_required("smtp_gateway.view_contents", raise_exception=True)
def caught_mail(request: HttpRequest, queue_id: str) -> TemplateResponse:
    caught, content = _caught_or_404(queue_id)
    mail = read(content)
    tabs = _tabs(mail)
    wanted = request.GET.get("view", "")
    shown = next((tab for tab in tabs if tab.name == wanted), tabs[0])
    context = {
        "caught": caught,
        "mail": mail,
        "tabs": tabs,
        "shown": shown.name,
        "is_cut": _is_cut(mail, content, shown),
    }
    if shown is _TEXT:
        context["text"] = linked(mail.text[:_SHOWN_CHARACTERS])
    if shown is _SOURCE:
        context["source"] = content[:_SHOWN_CHARACTERS].decode("utf-8", "replace")
    return TemplateResponse(request, "smtp_gateway/caught_mail.html", context)


@require_safe
@permission_required("smtp_gateway.view_contents", raise_exception=True)
def html(request: HttpRequest, queue_id: str) -> HttpResponse:
    _, content = _caught_or_404(queue_id)
    response = HttpResponse(html_page(read(content)), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = HTML_POLICY
    # A link out of a mail tells its target nothing about the console.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
@permission_required("smtp_gateway.view_contents", raise_exception=True)
def source(request: HttpRequest, queue_id: str) -> HttpResponse:
    _, content = _caught_or_404(queue_id)
    return _download(content, f"{queue_id}.eml", "message/rfc822")


@require_safe
@permission_required("smtp_gateway.view_contents", raise_exception=True)
def attachment(request: HttpRequest, queue_id: str, number: int) -> HttpResponse:
    _, content = _caught_or_404(queue_id)
    attachments = read(content).attachments
    if not 1 <= number <= len(attachments):
        raise Http404
    part = attachments[number - 1]
    # Whatever it says it is: the browser only ever saves it.
    return _download(part.content, part.name, "application/octet-stream")


def _caught_or_404(queue_id: str) -> tuple[CaughtMail, bytes]:
    caught = find_caught(queue_id)
    if caught is None:
        raise Http404
    return caught, bytes(caught.message.content.body)


def _tabs(mail: ReadMail) -> list[Tab]:
    html = [_HTML] if mail.html else []
    text = [_TEXT] if mail.text or not mail.html else []
    report = [_REPORT] if mail.statuses else []
    return [*html, *text, *report, _HEADERS, _SOURCE]


def _is_cut(mail: ReadMail, content: bytes, shown: Tab) -> bool:
    length = {_TEXT: len(mail.text), _SOURCE: len(content)}.get(shown, 0)
    return length > _SHOWN_CHARACTERS


def _download(content: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response.headers["Content-Disposition"] = disposition or "attachment"
    return response
