"""An operator's browser without JavaScript: cookies, forms and links over real HTTP."""

import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html import unescape
from http.cookiejar import CookieJar


@dataclass
class Page:
    """One response: status, final address, and the text or bytes of its body."""

    status: int
    url: str
    body: bytes

    @property
    def text(self) -> str:
        return unescape(self.body.decode())


@dataclass
class Console:
    """Logs in and works the pages of one running installation."""

    base_url: str
    cookies: CookieJar = field(default_factory=CookieJar)

    def get(self, path: str) -> Page:
        return self._open(urllib.request.Request(self._url(path)))

    def post(self, path: str, **fields: str) -> Page:
        """Submits the form of the page at `path`, with the token that the page gave."""
        return self.submit(self.get(path), path, **fields)

    def submit(self, page: Page, path: str, **fields: str) -> Page:
        """The form of a page that is open already."""
        token = self._token(page.text)
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        request = urllib.request.Request(self._url(path), data=data)
        request.add_header("Referer", self._url(path))
        return self._open(request)

    def log_in(self, email: str, password: str) -> Page:
        return self.post("/login/", login=email, password=password)

    def _url(self, path: str) -> str:
        return urllib.parse.urljoin(self.base_url, path)

    def _open(self, request: urllib.request.Request) -> Page:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        try:
            with opener.open(request, timeout=20) as response:
                return Page(response.status, response.url, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.code, error.url, error.read())

    @staticmethod
    def _token(page: str) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        return found.group(1) if found else ""
