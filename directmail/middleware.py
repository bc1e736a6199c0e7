"""What requests and responses have in common: UTF-8, a security policy, who acts, and page or
fragment.
"""

import secrets
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render, resolve_url
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect, retarget
from django_htmx.middleware import HtmxDetails

from directmail.people.seen import note_seen
from senders.audit.acting import acting_as

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Scripts by nonce alone: a file that somebody sent is served by this host too, and is no script.
_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'nonce-{nonce}'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
_NONCE_BYTES = 16
_DIALOG = "dialog-content"
"""The id of what a dialog shows; its forms are answered in there."""


def only_utf_8(get_response: GetResponse) -> GetResponse:
    """Reads every request as UTF-8, as browsers send it.

    Django takes any codec of Python that a request names, and some of them make text that neither
    the database nor the page can hold.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.encoding = "utf-8"
        return get_response(request)

    return middleware


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Sets the console's policy, unless the view set a stricter one of its own.

    Templates know the nonce of this answer as `csp_nonce`.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        nonce = secrets.token_urlsafe(_NONCE_BYTES)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", _POLICY.format(nonce=nonce))
        return response

    return middleware


class compressed(GZipMiddleware):  # noqa: N801 - named as the middleware functions beside it
    """Compresses whole pages and files.

    What is written as it happens (the test of a route, an export) would wait in the compressor.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        is_whole = not response.streaming or isinstance(response, FileResponse)
        if not is_whole or response.status_code == HTTPStatus.PARTIAL_CONTENT:
            return response
        return super().process_response(request, response)


def who_acts(get_response: GetResponse) -> GetResponse:
    """What is recorded while a request is answered was done by who sent it, and was here."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        note_seen(request)
        with acting_as(request):
            return get_response(request)

    return middleware


class htmx_fragments:  # noqa: N801 - named as the middleware functions beside it
    """Answers an htmx request with the template's partial `fragment` instead of the whole page.

    A boosted link and a restored history entry want the page. Every template that htmx asks for
    defines the partial, so that a page has one source.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if _wants_fragment(request) and _leads_to_login(response):
            is_kept = _is_sent_from_dialog(request)
            ask = _log_in_beside_the_form if is_kept else _log_in_with_whole_window
            response = ask(request)
        patch_vary_headers(response, ("HX-Request",))
        return response

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> HttpResponse:
        if _wants_fragment(request) and isinstance(response.template_name, str):
            # A page that htmx never asks for may have no fragment.
            name = response.template_name
            response.template_name = [f"{name}#fragment", name]
        return response


def _log_in_with_whole_window(request: HttpRequest) -> HttpResponse:
    # The fragment's address is no page to come back to; the page around it is.
    try:
        shown = _htmx(request).current_url_abs_path
    except ValueError:  # the header holds no URL
        shown = None
    after = shown or resolve_url(settings.LOGIN_REDIRECT_URL)
    return HttpResponseClientRedirect(redirect_to_login(after).url)


def _log_in_beside_the_form(request: HttpRequest) -> HttpResponse:
    """What was typed stays, with a word above it (RFC 9110, section 15.5.2)."""
    context = {"login_url": resolve_url(settings.LOGIN_URL)}
    response = render(request, "account/log_in_again.html", context, status=401)
    # Of no scheme that a browser would ask a password for by itself.
    response.headers["WWW-Authenticate"] = 'Form realm="DirectMail"'
    response.headers["HX-Reswap"] = "afterend show:#log-in-again:top"
    return retarget(response, "#dialog-title")


def _is_sent_from_dialog(request: HttpRequest) -> bool:
    return request.method == "POST" and _htmx(request).target == _DIALOG


def _htmx(request: HttpRequest) -> HtmxDetails:
    return request.htmx  # type: ignore[attr-defined,no-any-return]


def _wants_fragment(request: HttpRequest) -> bool:
    htmx = _htmx(request)
    return bool(htmx) and not (htmx.boosted or htmx.history_restore_request)


def _leads_to_login(response: HttpResponseBase) -> bool:
    if not isinstance(response, HttpResponseRedirect):
        return False
    return urlsplit(response.url).path == resolve_url(settings.LOGIN_URL)
