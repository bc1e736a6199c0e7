"""The Suppressions page: found, explained, added, lifted, brought out."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from senders.audit.entry import AuditEntry
from senders.models import Suppression
from senders.suppressions.services import lift, suppress
from tests.senders.factories import HTMX, log_in

pytestmark = pytest.mark.django_db


def make(target: str = "gone@example.net", **changes: Any) -> Suppression:
    asked = {"reason": "hard-bounce", "now": timezone.now()} | changes
    return suppress(recipient_or_domain=target, **asked)


def targets(client: Client, query: str = "") -> list[str]:
    """The recipients that the list shows, in its order."""
    html = client.get(f"/suppressions/{query}").text
    found = re.findall(r'class="row-link" href="/suppressions/\d+/"[^>]*>(.*?)</a>', html)
    return [each.replace("<wbr>", "") for each in found]


@pytest.fixture
def admin(client: Client) -> Client:
    return log_in(client, "admin")


def test_the_newest_come_first_and_what_has_ended_is_not_shown(admin: Client) -> None:
    make("a@example.net")
    make("b@example.net", reason="manual")
    lift([make("c@example.net")], why="back", now=timezone.now())
    over = make("d@example.net")
    Suppression.objects.filter(pk=over.pk).update(expires_at=timezone.now() - timedelta(1))
    assert targets(admin) == ["b@example.net", "a@example.net"]
    assert targets(admin, "?state=lifted") == ["c@example.net"]
    assert targets(admin, "?state=expired") == ["d@example.net"]
    assert len(targets(admin, "?state=all")) == 4


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ann", ["ann.lee@shop.example", "ann@example.net"]),
        ("Ann@Example.NET", ["ann@example.net"]),
        ("shop.example", ["ann.lee@shop.example", "bob@shop.example", "shop.example"]),
        ("@shop.example", ["ann.lee@shop.example", "bob@shop.example", "shop.example"]),
        ("ann.lee", ["ann.lee@shop.example"]),
        ("@müller.de", ["x@xn--mller-kva.de"]),
        ("AAAABBBBCCCC0001", ["bob@shop.example"]),
        ("nobody", []),
    ],
)
def test_recipients_are_found_by_address_domain_and_mail(
    admin: Client, search: str, found: list[str]
) -> None:
    make("ann@example.net")
    make("ann.lee@shop.example")
    make("bob@shop.example", queue_id="AAAABBBBCCCC0001")
    make("shop.example", reason="manual")
    make("x@müller.de")
    shown = [
        each.replace("müller.de", "xn--mller-kva.de") for each in targets(admin, f"?q={search}")
    ]
    assert shown == found


def test_filters_are_by_reason_scope_and_sender(admin: Client) -> None:
    make("a@example.net")
    make("b@example.net", reason="opt-out", sender_address="news@example.com")
    make("c@example.net", reason="manual", mail_type="batch")
    assert targets(admin, "?reason=opt-out") == ["b@example.net"]
    assert targets(admin, "?scope=mail_type") == ["c@example.net"]
    assert targets(admin, "?sender=news@example.com") == ["b@example.net"]
    assert targets(admin, "?sender=other@example.com") == []


def test_pages_go_on_where_the_last_one_ended(admin: Client) -> None:
    for number in range(60):
        make(f"r{number:02}@example.net")
    first = admin.get("/suppressions/?q=r").text
    assert len(targets(admin, "?q=r")) == 50
    below = re.search(r'rel="next" href="([^"]+)"', first)
    assert below
    query = below[1].replace("&amp;", "&").removeprefix("/suppressions/")
    assert targets(admin, query) == [f"r{number}@example.net" for number in range(50, 60)]


def test_one_shows_its_evidence_its_mail_and_what_was_before(admin: Client) -> None:
    lift([make(note="first")], why="They wrote to us.", now=timezone.now())
    row = make(evidence="550 5.1.1 <script>No such user", queue_id="AAAABBBBCCCC0001")
    html = admin.get(f"/suppressions/{row.pk}/").text
    assert "550 5.1.1 &lt;script&gt;No such user" in html
    assert 'href="/mail-log/AAAABBBBCCCC0001/"' in html
    assert "The same recipient" in html
    before = Suppression.objects.exclude(pk=row.pk).get()
    assert "They wrote to us." in admin.get(f"/suppressions/{before.pk}/").text


def test_somebody_is_suppressed_by_hand(admin: Client) -> None:
    answer = admin.post(
        "/suppressions/add/",
        {"target": "Bad.Example", "scope": "mail_type", "mail_type": "batch", "note": "spam traps"},
        follow=True,
    )
    assert "bad.example gets no mail from now on." in answer.text
    row = Suppression.objects.get()
    assert (row.target, row.scope, row.mail_type, row.note) == (
        *("bad.example", "mail_type", "batch"),
        "spam traps",
    )
    assert AuditEntry.objects.get(action="suppression.added").object_label == "bad.example"


def test_the_last_day_counts(admin: Client) -> None:
    day = timezone.localdate() + timedelta(days=3)
    told = {"target": "a@example.net", "scope": "organisation", "until": day.isoformat()}
    admin.post("/suppressions/add/", told)
    expires_at = Suppression.objects.get().expires_at
    assert timezone.localtime(expires_at).date() == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"target": "", "scope": "organisation"}, "Enter an address or a domain"),
        ({"target": "no address", "scope": "organisation"}, "neither an address nor a domain"),
        ({"target": "a@example.net"}, "Choose whose mail is stopped."),
        ({"target": "a@example.net", "scope": "address"}, "Enter the sender address"),
        (
            {"target": "a@example.net", "scope": "address", "sender_address": "no@body.example"},
            "There is no sender address no@body.example",
        ),
        ({"target": "a@example.net", "scope": "mail_type"}, "Choose the mail type"),
        (
            {"target": "a@example.net", "scope": "organisation", "until": "2020-01-01"},
            "The end lies in the past.",
        ),
    ],
    ids=["nothing", "no address", "no scope", "no sender", "unknown sender", "no type", "past"],
)
def test_what_is_not_right_is_said_beside_its_field(
    admin: Client, told: dict[str, str], says: str
) -> None:
    answer = admin.post("/suppressions/add/", told, headers=HTMX)
    assert answer.status_code == 422
    assert says in answer.text
    assert not Suppression.objects.exists()


def test_an_operator_stops_no_mail_of_everybody(client: Client) -> None:
    operator = log_in(client, "operator")
    assert 'value="organisation"' not in operator.get("/suppressions/add/").text
    told = {"target": "a@example.net", "scope": "organisation"}
    answer = operator.post("/suppressions/add/", told)
    assert "Only admins stop all mail to somebody." in answer.text
    assert not Suppression.objects.exists()


def test_lifting_asks_why_and_keeps_it(admin: Client) -> None:
    rows = [make(f"{name}@example.net") for name in "abc"]
    query = "&".join(f"row={row.pk}" for row in rows[:2])
    assert "Lift 2 suppressions?" in admin.get(f"/suppressions/lift/?{query}").text
    told: dict[str, Any] = {"row": [row.pk for row in rows[:2]]}
    assert admin.post("/suppressions/lift/", told).status_code == 422
    answer = admin.post("/suppressions/lift/", told | {"why": "A fault of ours."}, headers=HTMX)
    assert answer.status_code == 204
    assert targets(admin) == ["c@example.net"]
    assert set(
        Suppression.objects.in_state("lifted", timezone.now()).values_list("lift_reason")
    ) == {("A fault of ours.",)}


def test_all_that_is_found_is_lifted_at_once_by_admins_alone(admin: Client) -> None:
    for name in "abc":
        make(f"{name}@example.net")
    make("d@example.net", reason="manual")
    where = {"of": "found", "reason": "hard-bounce"}
    page = admin.get("/suppressions/lift/", where).text
    assert "Lift 3 suppressions?" in page
    assert 'name="reason" value="hard-bounce"' in page
    admin.post("/suppressions/lift/", where | {"why": "x"})
    assert targets(admin) == ["d@example.net"]
    operator = log_in(Client(), "operator")
    assert operator.post("/suppressions/lift/", where | {"why": "x"}).status_code == 403


def test_without_anything_ticked_it_says_what_to_do(admin: Client) -> None:
    answer = admin.get("/suppressions/lift/", follow=True)
    assert "Tick the suppressions first that are to be lifted." in answer.text


def test_the_file_has_everything_and_no_formula(admin: Client) -> None:
    make("a@example.net", evidence="=HYPERLINK(1)", queue_id="AAAABBBBCCCC0001")
    make("b@example.net", reason="manual")
    body = b"".join(admin.get("/suppressions/export/?reason=hard-bounce")).decode()
    header, line, rest = body.split("\r\n")
    assert header.startswith("target,reason,scope,sender_address,mail_type,created_at,expires_at")
    assert line.startswith("a@example.net,hard-bounce,organisation,,,20")
    assert "'=HYPERLINK(1)" in line
    assert rest == ""


def test_a_viewer_looks_and_does_nothing(client: Client) -> None:
    row = make()
    viewer = log_in(client, "viewer")
    html = viewer.get("/suppressions/").text
    assert "gone@" in html
    assert "/suppressions/lift/" not in html + viewer.get(f"/suppressions/{row.pk}/").text
