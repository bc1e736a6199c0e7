"""A browser without JavaScript for measurements: one log-in, and pages by their paths."""

import http.client
import re
import urllib.parse
from dataclasses import dataclass, field

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """Of one request."""

    status: int
    headers: http.client.HTTPMessage
    body: str


@dataclass
class Browser:
    """Speaks to the console on a port of loopback. Threads may share it."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def log_in(self, email: str, password: str) -> None:
        token = _TOKEN.search(self.get("/login/").body)
        assert token, "the log-in page has no form"
        fields = {"csrfmiddlewaretoken": token[1], "login": email, "password": password}
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._ask("POST", "/login/", urllib.parse.urlencode(fields), form)
        assert answer.status == http.HTTPStatus.FOUND, answer.body

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {**headers, "Cookie": cookies})
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read().decode())
        connection.close()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer
