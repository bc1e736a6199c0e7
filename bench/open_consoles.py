"""What 50 open consoles cost: a page's live parts asked for at their pace, while mail flows."""

import argparse
import html
import re
import smtplib
import threading
import time
import urllib.parse
from collections import Counter
from dataclasses import dataclass, field

from bench.browsing import Browser
from bench.server import PASSWORD, USER, BenchServer, bench_server

_KINDS = ("web", "postgres")
_LIVE = re.compile(r"<[a-z]+\b[^>]*\bdata-live=\"[^>]*>")
_OPERATOR, _OPERATOR_PASSWORD = "bench@example.test", "open consoles, fifty of them"
_MAKE_OPERATOR = (
    "from directmail.operators import create_operator\n"
    f"create_operator(email={_OPERATOR!r}, password={_OPERATOR_PASSWORD!r})"
)
_FILL = (
    "from bench.filling import fill\n"
    "fill({number}, lane='trigger', size_bytes=1024, sender={sender!r})"
)
_MAIL = f"From: {USER}\r\nSubject: while you look\r\n\r\nHello\r\n"


@dataclass
class Part:
    """A live part of an open page: what is asked, how often, and which version is shown."""

    path: str
    pace_seconds: float
    version: str = "none"


@dataclass
class Consoles:
    """As many open browsers as parts, asking until the end."""

    browser: Browser
    ends_at: float
    answers: Counter[int] = field(default_factory=Counter)

    def follow(self, part: Part, wait_seconds: float) -> None:
        time.sleep(wait_seconds)
        while time.monotonic() < self.ends_at:
            headers = {"HX-Request": "true", "Live-Version": part.version}
            answer = self.browser.get(part.path, **headers)
            self.answers[answer.status] += 1
            part.version = answer.headers.get("Live-Version", part.version)
            time.sleep(part.pace_seconds)


def live_parts(browser: Browser, path: str) -> list[Part]:
    """Of the page at `path`."""
    tags = _LIVE.findall(browser.get(path).body)
    return [
        Part(urllib.parse.urljoin(path, _value(tag, "hx-get")), float(_value(tag, "data-live")))
        for tag in tags
    ]


def _value(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    assert found, tag
    return html.unescape(found[1])


def measure(server: BenchServer, browser: Browser, path: str, given: argparse.Namespace) -> None:
    found = live_parts(browser, path)
    parts = [Part(each.path, each.pace_seconds) for each in found for _ in range(given.consoles)]
    consoles = Consoles(browser, time.monotonic() + given.seconds)
    threads = [
        threading.Thread(
            target=consoles.follow, args=(part, part.pace_seconds * number / len(parts))
        )
        for number, part in enumerate(parts)
    ]
    before = {kind: server.cpu_seconds(kind) for kind in _KINDS}
    for thread in threads:
        thread.start()
    _submit_until(server, consoles.ends_at, given.mails_per_second)
    for thread in threads:
        thread.join()
    used = [(server.cpu_seconds(kind) - before[kind]) / given.seconds for kind in _KINDS]
    pace = ", ".join(f"{part.pace_seconds:g} s" for part in found)
    answers = ", ".join(f"{count} x {status}" for status, count in sorted(consoles.answers.items()))
    shares = " | ".join(f"{share:.1%}" for share in [*used, sum(used)])
    print(f"| {path} | {pace} | {answers} | {shares} |", flush=True)


def _submit_until(server: BenchServer, ends_at: float, per_second: float) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=60) as client:
        client.login(USER, PASSWORD)
        while time.monotonic() < ends_at:
            if per_second:
                client.sendmail(USER, ["to@example.net"], _MAIL)
            time.sleep(1 / (per_second or 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--consoles", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--mails-per-second", type=float, default=2)
    parser.add_argument("--history", type=int, default=10_000, help="mails there before")
    parser.add_argument("--pages", nargs="*", default=["/", "/mail-log/", "/smtp-sessions/"])
    given = parser.parse_args()
    print(f"{given.consoles} consoles for {given.seconds} s, {given.mails_per_second:g} mails/s\n")
    print("| page | asked every | answers | web | PostgreSQL | both, of one core |")
    print("|---|---|---|---:|---:|---:|")
    with bench_server(2640) as server:
        server.run_in_django(_MAKE_OPERATOR)
        server.run_in_django(_FILL.format(number=given.history, sender=USER))
        browser = Browser(server.port + 2)
        browser.log_in(_OPERATOR, _OPERATOR_PASSWORD)
        idle = argparse.Namespace(**{**vars(given), "consoles": 0})
        measure(server, browser, given.pages[0], idle)
        for path in given.pages:
            measure(server, browser, path, given)


if __name__ == "__main__":
    main()
