"""A mail of the local mailbox, shown without trusting it."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from smtp_gateway.mail_contents.added import added_to
from smtp_gateway.mail_contents.headers import read_headers
from smtp_gateway.mail_contents.looking import are_hidden, note_look
from smtp_gateway.mail_contents.stored import content_of, head_of
from smtp_gateway.mailbox import find_caught
from smtp_gateway.models import CaughtMail, Message
from smtp_gateway.views.mail_contents import (
    attachment_of,
    html_of,
    no_store,
    shown_contents,
    shows_contents,
    source_of,
)


@require_safe
@no_store
@permission_required("smtp_gateway.view_contents", raise_exception=True)
def caught_mail(request: HttpRequest, queue_id: str) -> HttpResponseBase:
    """Where contents are hidden, its headers alone."""
    caught = _caught_or_404(queue_id)
    message = caught.message
    head = head_of(message)
    fields = read_headers(head)
    context = {
        "caught": caught,
        "message": message,
        "head": fields,
        "is_hidden": are_hidden(),
        "added": added_to(message, head),
    }
    if are_hidden():
        context["fields"] = fields
    else:
        note_look(request, message)
        content = content_of(message) or b""
        context |= shown_contents(request, message, content, place="caught_mail")
    return TemplateResponse(request, "smtp_gateway/caught_mail.html", context)


@shows_contents
def html(request: HttpRequest, queue_id: str) -> HttpResponse:
    return html_of(request, _message_or_404(queue_id))


@shows_contents
def source(request: HttpRequest, queue_id: str) -> StreamingHttpResponse:
    return source_of(request, _message_or_404(queue_id))


@shows_contents
def attachment(request: HttpRequest, queue_id: str, number: int) -> HttpResponse:
    return attachment_of(request, _message_or_404(queue_id), number)


def _message_or_404(queue_id: str) -> Message:
    return _caught_or_404(queue_id).message


def _caught_or_404(queue_id: str) -> CaughtMail:
    caught = find_caught(queue_id)
    if caught is None:
        raise Http404
    return caught
