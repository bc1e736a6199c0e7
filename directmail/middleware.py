"""What every response of the console has in common: its security policy, and page or fragment."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers

GetResponse = Callable[[HttpRequest], HttpResponseBase]

CONSOLE_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Sets the console's policy, unless the view set a stricter one of its own."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONSOLE_POLICY)
        return response

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
        patch_vary_headers(response, ("HX-Request",))
        return response

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> HttpResponse:
        htmx = request.htmx  # type: ignore[attr-defined]
        wants_page = not htmx or htmx.boosted or htmx.history_restore_request
        if not wants_page and isinstance(response.template_name, str):
            response.template_name = f"{response.template_name}#fragment"
        return response
