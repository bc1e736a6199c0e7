"""What an installation has besides mail, made as an operator makes it: each leaves its trace."""

import re
from urllib.parse import urlsplit

from tests.journeys.authenticator import code_of
from tests.journeys.console import Console, Page
from tests.journeys.sink import Sink
from tests.journeys.stack import Stack
from tests.showcase.mails import LOGINS, NEWS, RECEIPTS, TRIED_OUT
from tests.waiting import wait_for

OWNER = "kim.owner@shop.example"
INVITED = "nadia@shop.example"
MOVED = "visitor@new.shop.example"
"""The address that VIEWER is to have."""
FACTORED, VIEWER, FORMER = "alex@shop.example", "visitor@shop.example", "zoe.former@shop.example"
"""The first has two-factor, and the last can no longer log in."""
PEOPLE = {FACTORED: "operator", VIEWER: "viewer", FORMER: "operator"}
UNPROVEN = "nobody.yet@shop.example"
PASSWORD = "a shop of one's own"
_LINK = re.compile(r"/(?:verify|invitation|email|account/password/forgotten)/[\w:.-]+/")
_APP = "/account/two-factor/app/add/"
_PATIENCE_SECONDS = 90.0


def furnish(stack: Stack, console: Console, sink: Sink) -> str:
    """Before any mail: routes, so that it takes them, and keys, so that it is signed.

    Returns the key of the authenticator app that somebody of PEOPLE has.
    """
    add_routes(console, sink.port)
    add_keys(console)
    add_credentials(console)
    add_suppressions(console)
    app_key = add_people(stack, console)
    prove_reply_to(console, sink)
    return app_key


def add_routes(console: Console, port: int) -> None:
    route = {"max_connections": "10", "mails_per_connection": "100"}
    tried = {"name": "Trying things out", "kind": "mailbox", "recipient_domains": TRIED_OUT}
    changed(console, "/routes/add/", **route, **tried, is_enabled="on")
    news = {"name": "Newsletter relay", "mail_type": "batch", "mails_per_minute": "6000"}
    hop = {"kind": "smarthost", "host": "127.0.0.1", "port": str(port), "security": "never"}
    changed(console, "/routes/add/", **route, **news, **hop, is_enabled="on")
    straight = {"name": "Partners, straight to their servers", "kind": "mx"}
    changed(console, "/routes/add/", **route, **straight, recipient_domains="partner.example")


def add_keys(console: Console) -> None:
    changed(console, "/dkim-keys/generate/", domain="shop.example")
    changed(console, "/dkim-keys/generate/", domain="news.shop.example")
    for key in re.findall(r"/dkim-keys/(\d+)/activate/", console.get("/dkim-keys/").text)[-2:]:
        changed(console, f"/dkim-keys/{key}/activate/")


def add_credentials(console: Console) -> None:
    """RECEIPTS has three passwords, one of which ends soon."""
    path = f"{path_of(console, RECEIPTS)}credentials/"
    first = credentials_in(console, path)[0]
    changed(console, f"{path}{first}/rename/", name="shop on web-1")
    changed(console, f"{path}add/", name="shop on web-2")
    changed(console, f"{path}{first}/rotate/", name="shop on web-1 (2)", grace="7d")
    changed(console, f"{path_of(console, NEWS)}credentials/add/", name="campaign tool")


def add_suppressions(console: Console) -> None:
    """By hand; those that bounced come by themselves."""
    told = {"target": "spamtrap.example", "scope": "organisation", "note": "Only traps there."}
    changed(console, "/suppressions/add/", **told)
    told = {"target": "chris.former@customers.example", "scope": "mail_type"}
    changed(console, "/suppressions/add/", **told, mail_type="batch", note="Asked by phone.")


def look_at_list(console: Console) -> str:
    """The address of the page that shows what a list would do."""
    lines = "target,reason\nann@old.example,opt-out\nnot an address,\nbob@old.example,"
    told = {"text": lines, "reason": "manual", "scope": "organisation"}
    return urlsplit(changed(console, "/suppressions/import/", **told).url).path


def add_people(stack: Stack, console: Console) -> str:
    for email, role in PEOPLE.items():
        made = stack.manage(
            "create_operator", email, "--role", role, "--password-stdin", typed=PASSWORD
        )
        assert made.returncode == 0, made.stderr
    app_key = add_app(console_of(stack, FACTORED))
    changed(console, "/people/invite/", email=INVITED, role="operator")
    changed(console_of(stack, VIEWER), "/account/email/", email=MOVED)
    people = console.get("/people/").text
    former = re.search(rf"{re.escape(FORMER)}.*?(/people/\d+/deactivate/)", people, re.DOTALL)
    assert former, people
    changed(console, former[1])
    return app_key


def console_of(stack: Stack, email: str) -> Console:
    """Somebody of PEOPLE, who has given the password."""
    console = Console(stack.web_url)
    console.log_in(email, PASSWORD)
    return console


def add_app(console: Console) -> str:
    """Two-factor by an authenticator app; returns its key."""
    page = console.get(_APP)
    key = re.search(r"<code[^>]*data-copy-text[^>]*>\s*([A-Z2-7]+)", page.text)
    assert key, page.text
    # Each look at the page makes another key.
    done = console.submit(page, _APP, code=code_of(key[1]))
    assert "Recovery codes" in done.text, done.text
    return key[1]


def prove_reply_to(console: Console, sink: Sink) -> None:
    """RECEIPTS gets a reply-to address that its owner has confirmed; LOGINS one that nobody has."""
    for sender, reply_to in ((RECEIPTS, OWNER), (LOGINS, UNPROVEN)):
        path = f"{path_of(console, sender)}reply-to/"
        changed(console, path, reply_to=reply_to)
        changed(console, f"{path}verify/")
    link = wait_for(lambda: mailed_link(sink, OWNER), seconds=_PATIENCE_SECONDS, what="the mail")
    assert "verified" in console.post(link).text


def mailed_link(sink: Sink, recipient: str) -> str | None:
    """The path of the link that DirectMail has sent to `recipient`."""
    for mail in list(sink.taken):
        text = mail.content.replace(b"=\r\n", b"").decode()
        found = _LINK.search(text)
        if recipient in mail.recipients and found:
            return found[0]
    return None


def opt_out_link(sink: Sink) -> str | None:
    """The path of the link in any newsletter that has arrived."""
    for mail in list(sink.taken):
        if found := re.search(rb"/u/[\w-]+", mail.header(b"List-Unsubscribe")):
            return found[0].decode()
    return None


def path_of(console: Console, address: str) -> str:
    """Of the page of a sender address."""
    found = re.search(
        r"/sender-addresses/\d+/", console.get(f"/sender-addresses/?q={address}").text
    )
    assert found, address
    return found[0]


def credentials_in(console: Console, path: str) -> list[str]:
    return re.findall(rf"{path}(\d+)/rotate/", console.get(path).text)


def changed(console: Console, path: str, **fields: str) -> Page:
    """A form that is refused fails here, with what it says."""
    page = console.post(path, **fields)
    assert page.status == 200, f"{path}: {page.status}\n{page.text}"
    return page
