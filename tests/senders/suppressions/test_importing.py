"""Lists are looked at, imported once, and name each line that cannot be taken."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from senders.audit.entry import AuditEntry
from senders.models import Suppression, SuppressionImport
from senders.suppressions.bringing import forget_lists
from senders.suppressions.importing import import_list, look
from senders.suppressions.services import lift, suppress
from tests.senders.factories import log_in, make_sender

pytestmark = pytest.mark.django_db
EVERYBODY = {"scope": "organisation"}


def brought(client: Client, text: str = "", **told: Any) -> str:
    """The page that shows what a list would do."""
    answer = client.post(
        "/suppressions/import/",
        {"text": text, "reason": "manual", "scope": "organisation"} | told,
    )
    assert answer.status_code == 302, answer.text
    return str(answer["Location"])


@pytest.fixture
def admin(client: Client) -> Client:
    return log_in(client, "admin")


def test_nothing_is_written_before_somebody_says_yes(admin: Client) -> None:
    suppress(reason="manual", recipient_or_domain="b@example.net", now=timezone.now())
    page = brought(admin, "a@example.net\n\nb@example.net\nA@example.net\nnonsense\n")
    html = admin.get(page).text
    assert "Suppress 1 recipient" in html
    assert "neither an address nor a domain" in html
    assert Suppression.objects.count() == 1
    answer = admin.post(page, follow=True)
    assert "1 recipient is suppressed that was not before." in answer.text
    assert Suppression.objects.count() == 2
    assert AuditEntry.objects.get(action="suppression.imported").after["count"] == 1


def test_who_says_yes_twice_imports_once(admin: Client) -> None:
    page = brought(admin, "a@example.net")
    admin.post(page)
    admin.post(page)
    assert Suppression.objects.get().times == 1
    assert AuditEntry.objects.filter(action="suppression.imported").count() == 1


def test_a_file_is_taken_as_it_comes_from_windows(admin: Client) -> None:
    body = "\ufefftarget;x".replace(";", ",") + "\r\nann@example.net,1\r\n\r\nmüller.de,2"
    file = SimpleUploadedFile("list.csv", body.encode())
    admin.post(brought(admin, file=file))
    stored = Suppression.objects.order_by("id").values_list("target", flat=True)
    assert list(stored) == ["ann@example.net", "xn--mller-kva.de"]


def test_what_is_no_text_is_refused(admin: Client) -> None:
    file = SimpleUploadedFile("list.xlsx", b"PK\x03\x04\xff\xfe\x00")
    told = {"file": file, "reason": "manual", "scope": "organisation"}
    answer = admin.post("/suppressions/import/", told)
    assert answer.status_code == 422
    assert "The file is no text in UTF-8." in answer.text
    assert not SuppressionImport.objects.exists()


def test_nothing_to_import_is_said(admin: Client) -> None:
    told = {"text": " ", "reason": "manual", "scope": "organisation"}
    assert "Choose a file, or paste the list." in admin.post("/suppressions/import/", told).text


def test_a_list_for_a_sender_address_that_does_not_exist_is_refused(admin: Client) -> None:
    told = {"text": "a@example.net", "reason": "opt-out", "scope": "address"}
    told["sender_address"] = "no@body.example"
    answer = admin.post("/suppressions/import/", told)
    assert answer.status_code == 422
    assert "There is no sender address no@body.example" in answer.text
    assert not SuppressionImport.objects.exists()


def test_columns_win_over_what_is_chosen_for_all() -> None:
    make_sender("news@example.com")
    lines = [
        "Email,Reason,Scope,Sender_Address,Until,Since,Note,Evidence\n",
        "a@example.net,opt-out,address,News@Example.com,2099-01-01,2026-01-02,hello,'=1+1\n",
        "b@example.net,,,,,,,\n",
    ]
    finding = import_list(lines, EVERYBODY, timezone.now())
    assert (finding.lines, finding.new, finding.bad) == (2, 2, 0)
    first, second = Suppression.objects.order_by("target")
    assert (first.reason, first.scope, first.sender_address) == (
        *("opt-out", "address"),
        "news@example.com",
    )
    assert (first.note, first.evidence) == ("hello", "=1+1")
    assert f"{timezone.localtime(first.created_at):%Y-%m-%d}" == "2026-01-02"
    assert (second.reason, second.scope, second.expires_at) == ("manual", "organisation", None)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("a@example.net,dislike,,", "Choose a reason."),
        ("a@example.net,,everybody,", "Choose whose mail is stopped."),
        ("a@example.net,,,soon", "is no day"),
        ("a@example.net,,,2020-01-01", "The end lies in the past."),
        ("a@example.net,opt-out,,,no@body.example", "There is no sender address no@body.example"),
        ("a b,,,", "neither an address nor a domain"),
    ],
    ids=["reason", "scope", "no day", "past", "no sender", "no address"],
)
def test_each_line_that_cannot_be_taken_is_named_with_its_number(line: str, says: str) -> None:
    lines = [
        "target,reason,scope,expires_at,sender_address\n",
        "ok@example.net,,organisation,\n",
        f"{line}\n",
    ]
    finding = look(lines, {}, timezone.now())
    (fault,) = finding.faults
    assert fault.line == 3
    assert says in fault.why
    assert finding.new == 1


def test_what_is_exported_can_be_imported(admin: Client) -> None:
    now = timezone.now()
    make_sender("n@x.test")
    suppress(
        reason="hard-bounce", recipient_or_domain="a@example.net", evidence="550 5.1.1 -x", now=now
    )
    suppress(
        reason="opt-out", recipient_or_domain="b@example.net", sender_address="n@x.test", now=now
    )
    body = b"".join(admin.get("/suppressions/export/")).decode()
    names = ("target", "scope", "reason", "evidence")
    before = list(Suppression.objects.order_by("target").values(*names))
    assert look(body.splitlines(keepends=True), {}, now).known == 2
    Suppression.objects.all().delete()
    finding = import_list(body.splitlines(keepends=True), {}, now)
    assert (finding.new, finding.bad) == (2, 0)
    after = Suppression.objects.order_by("target").values(*names)
    assert list(after) == before


def test_who_was_lifted_is_not_suppressed_by_an_export_of_all_states(admin: Client) -> None:
    now = timezone.now()
    lifted = suppress(reason="manual", recipient_or_domain="a@example.net", now=now)
    suppress(reason="manual", recipient_or_domain="b@example.net", now=now)
    lift([lifted], why="asked by phone", now=now)
    text = b"".join(admin.get("/suppressions/export/?state=all")).decode()
    assert "a@example.net" in text
    looked = look(text.splitlines(keepends=True), EVERYBODY, now)
    assert (looked.lines, looked.new, looked.known, looked.ended) == (2, 0, 1, 1)
    page = brought(admin, text)
    assert "Passed over, as they have ended" in admin.get(page).text
    assert "Passed over, as they have ended" in admin.post(page, follow=True).text
    assert [row.target for row in Suppression.objects.living(now)] == ["b@example.net"]


def test_thousands_are_read_a_part_at_a_time_and_a_second_time_changes_nothing() -> None:
    lines = [f"r{number}@example.net\n" for number in range(2500)] + ["r7@example.net\n"]
    assert look(lines, EVERYBODY, timezone.now()).new == 2500
    first = import_list(lines, EVERYBODY, timezone.now())
    assert (first.lines, first.new, first.known) == (2501, 2500, 1)
    changed = set(Suppression.objects.values_list("changed_in", flat=True))
    again = import_list(lines, EVERYBODY, timezone.now())
    assert (again.new, again.known) == (0, 2501)
    assert set(Suppression.objects.values_list("changed_in", flat=True)) == changed


def test_lists_that_nobody_comes_back_for_are_forgotten(admin: Client) -> None:
    brought(admin, "a@example.net")
    assert forget_lists(timezone.now()) == 0
    SuppressionImport.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert forget_lists(timezone.now()) == 1


def test_what_is_imported_is_put_down_to_nobodys_mail() -> None:
    make_sender("news@example.com", mail_type="batch")
    choices = {"reason": "opt-out", "sender_address": "news@example.com"}
    import_list(["a@example.net\n", "b@example.net\n"], choices, timezone.now())
    rows = Suppression.objects.values_list("sender_address", "caused_by")
    assert set(rows) == {("news@example.com", "")}
