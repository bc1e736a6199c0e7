"""The Audit Log page: finding an entry, and reading what changed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from directmail.models import Operator
from senders.audit.acting import SYSTEM, Actor, ActorKind
from senders.audit.recording import Target, record
from senders.models import AuditEntry
from tests.senders.factories import log_in

pytestmark = pytest.mark.django_db
ANN, BOB = (Actor(ActorKind.OPERATOR, f"{n}@example.com", f"192.0.2.{i}") for i, n in
            enumerate(("ann", "bob"), 1))  # fmt: skip
APP = Target("sender_address", "app@example.com", "app@example.com", "/sender-addresses/1/")
ROUTE = Target("route", "7", "Out", "/routes/")


@pytest.fixture(autouse=True)
def _nothing_was_recorded(db: None) -> None:
    """Tests whose other processes record something cannot take it back."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE senders_auditentry")


def make_entry(who: Actor = ANN, on: Target = APP, **fields: Any) -> AuditEntry:
    action = fields.pop("action", "sender_address.suspended")
    return record(who, action=action, on=on, **fields)


def found(console: Client, query: str = "") -> list[int]:
    page = console.get(f"/audit/?{query}")
    assert page.status_code == 200
    return [row.entry.pk for row in page.context["rows"]]


def test_an_entry_says_who_what_when_and_from_where(console: Client) -> None:
    make_entry(before={"reply_to": "old@x.com"}, after={"reply_to": "new@x.com"})
    page = console.get("/audit/").text
    for words in ("ann@example.com", "192.0.2.1", "Suspended the sender address", "Reply-to",
                  "old@x.com", "new@x.com", 'href="/sender-addresses/1/"'):  # fmt: skip
        assert words in page


def test_what_was_and_what_is_are_told_by_words(console: Client) -> None:
    before, after = {"verify_tls": True, "user": "x"}, {"verify_tls": False, "user": ""}
    make_entry(before=before, after={**after, "host": ""})
    page = "".join(console.get("/audit/").text.split("\n"))
    assert "<bdi>yes</bdi></del>" in page
    assert "<bdi>no</bdi></ins>" in page
    assert "none</span></ins>" in page
    assert page.count("Before:") == 2


def test_a_time_is_shown_as_one(console: Client) -> None:
    make_entry(after={"expires_at": timezone.now()})
    assert "<time datetime=" in console.get("/audit/").text.partition("changes")[2]


def test_the_newest_is_first(console: Client) -> None:
    first, second = make_entry(), make_entry()
    assert found(console) == [second.pk, first.pk]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("who=ann@example.com", ["ann"]),
        ("who=system", ["system"]),
        ("action=route.enabled", ["bob"]),
        ("object=route", ["bob"]),
        ("object=sender_address~app@example.com", ["system", "ann"]),
        ("q=192.0.2.2", ["bob"]),
        ("q=BOB", ["bob"]),
        ("q=app@", ["system", "ann"]),
        ("who=system&object=route", []),
        ("who=nobody", ["system", "bob", "ann"]),
        ("object=route~%00", ["system", "bob", "ann"]),
        ("q=%00", ["system", "bob", "ann"]),
    ],
)
def test_filters_find(console: Client, query: str, wanted: list[str]) -> None:
    names = {
        make_entry().pk: "ann",
        make_entry(BOB, ROUTE, action="route.enabled").pk: "bob",
        make_entry(SYSTEM).pk: "system",
    }
    assert [names[pk] for pk in found(console, query)] == wanted


def test_a_range_of_time_ends_with_now(console: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    with monkeypatch.context() as patched:
        patched.setattr("senders.audit.recording.timezone.now", lambda: now - timedelta(days=2))
        old = make_entry()
    young = make_entry()
    assert found(console, "when=24h") == [young.pk]
    assert found(console, "when=7d") == [young.pk, old.pk]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("from=2026-03-02", [2, 1]),
        ("to=2026-03-02", [1, 0]),
        ("from=2026-03-02&to=2026-03-02", [1]),
        ("from=2026-03-03&to=2026-03-02", []),
        ("from=yesterday&to=2026-02-30", [2, 1, 0]),
        ("from=0001-01-01&to=9999-12-31", [2, 1, 0]),
        ("to=%00", [2, 1, 0]),
    ],
    ids=["from", "to", "one day", "turned", "no dates", "far", "nothing"],
)
def test_dates_are_days_where_the_reader_is(
    console: Client, monkeypatch: pytest.MonkeyPatch, query: str, wanted: list[int]
) -> None:
    Operator.objects.update(time_zone="Asia/Shanghai")
    made = []
    # 2 March begins there at 16:00 UTC of the day before.
    for hour in (15, 16, 40):
        at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hour)
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        made.append(make_entry().pk)
    monkeypatch.undo()
    assert found(console, query) == [made[each] for each in wanted]


def test_dates_stay_in_the_fields_and_in_the_file(console: Client) -> None:
    make_entry()
    page = console.get("/audit/?from=2026-03-02&to=2026-03-05").text
    assert 'name="from" value="2026-03-02"' in page
    assert 'name="to" value="2026-03-05"' in page
    file = console.get("/audit/export/?to=2020-01-01")
    assert b"".join(file.streaming_content).count(b"\r\n") == 1  # type: ignore[arg-type]


def test_all_who_ever_did_something_can_be_chosen(console: Client) -> None:
    for who in (BOB, ANN, SYSTEM, BOB, Actor(ActorKind.COMMAND_LINE, "root")):
        make_entry(who)
    choices = dict(console.get("/audit/").context["list"].choices)
    (people,) = (choice.options for choice in choices if choice.name == "who")
    operators = [value for value, _words in people if "@" in value]
    assert operators[:2] == ["ann@example.com", "bob@example.com"]
    assert "root" not in dict(people)


def test_a_search_looks_at_a_part_and_goes_on(
    console: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("senders.audit.listing.LOOKED_AT", 5)
    oldest = make_entry(BOB)
    for _ in range(8):
        make_entry()
    page = console.get("/audit/?q=bob")
    assert "Nothing found yet" in page.content.decode()
    following = console.get(page.context["list"].below_url)
    assert [row.entry.pk for row in following.context["rows"]] == [oldest.pk]


def test_a_page_leads_to_the_next(console: Client) -> None:
    entries = [make_entry().pk for _ in range(60)]
    page = console.get("/audit/?object=sender_address~app@example.com")
    below = page.context["list"].below_url
    assert below.startswith("/audit/?object=sender_address~app%40example.com&below=")
    assert [row.entry.pk for row in console.get(below).context["rows"]] == entries[9::-1]


def test_the_file_has_what_was_found(console: Client) -> None:
    make_entry(before={"reply_to": ""}, after={"reply_to": "=1+1@x.com"})
    make_entry(BOB)
    answer = console.get("/audit/export/?who=ann@example.com")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0] == ("at,actor_kind,actor,client_address,action,object_kind,object,before,after")
    assert len(lines) == 2
    assert '"{""reply_to"": ""=1+1@x.com""}"' in lines[1]


def test_what_was_removed_has_a_history_all_the_same(console: Client) -> None:
    make_entry(action="sender_address.deleted")
    page = console.get("/audit/?object=sender_address~app@example.com").text
    assert '<option value="sender_address~app@example.com" selected>app@example.com' in page


def test_words_of_a_mail_are_no_markup(console: Client) -> None:
    make_entry(on=Target("mail", "X", "<b>x</b>"), after={"selection": "<i>y</i>"})
    page = console.get("/audit/").text
    assert "<b>x" not in page
    assert "<i>y" not in page


def test_viewers_do_not_read_it(client: Client) -> None:
    log_in(client, role="viewer")
    assert client.get("/audit/").status_code == 403
    assert 'href="/audit/"' not in client.get("/").text


def test_operators_do(client: Client) -> None:
    log_in(client, role="operator")
    assert client.get("/audit/").status_code == 200
    assert 'href="/audit/"' in client.get("/").text


def test_codes_are_told_in_words(console: Client) -> None:
    make_entry(after={"mail_type": "batch", "with": "password + totp", "password": "changed"})
    page = console.get("/audit/").text
    for words in ("Batch Mail", "Password + Authenticator app", "<bdi>changed</bdi>"):
        assert words in page
