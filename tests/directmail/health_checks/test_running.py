"""All checks together: on the page, in the worker, by the command."""

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from directmail.health_checks import mending, running, wording
from directmail.health_checks.values import Result, worst
from directmail.models import Operator
from directmail.tasks import check_health
from smtp_gateway.models import Finding

pytestmark = pytest.mark.django_db


@pytest.fixture
def console(client):
    client.force_login(Operator.objects.create(email="operator@example.com", role="operator"))
    return client


def test_before_a_worker_has_looked_nothing_is_known_of_what_is_slow():
    found = {result.check: result for result in running.for_page()}
    assert list(found) == list(running.ORDER)
    assert found["disk"].code == "check.never"
    assert found["python"].state == "ok"


def test_the_page_shows_what_the_worker_found_and_how_old_it_is(console):
    check_health()
    Finding.objects.update(found_at=timezone.now() - timedelta(minutes=3))
    response = console.get("/")
    assert "3\xa0minutes ago" in response.content.decode()
    found = {result.check: result for result in running.for_page()}
    assert found["disk"].code.startswith("disk.")
    assert found["disk"].found_at is not None


def test_what_was_found_long_ago_says_nothing_of_now():
    check_health()
    Finding.objects.update(found_at=timezone.now() - timedelta(minutes=20))
    found = {result.check: result for result in running.for_page()}
    assert (found["disk"].state, found["disk"].code) == ("unknown", "check.old")


def test_a_check_that_hangs_is_not_waited_for(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(running, "_SECONDS", 0.3)
    monkeypatch.setattr(running.machine, "disk", lambda: release.wait(60))
    try:
        found = {result.check: result for result in running.run_all()}
    finally:
        release.set()
    assert (found["disk"].state, found["disk"].code) == ("unknown", "check.slow")


def test_a_check_that_fails_stops_no_other(monkeypatch, caplog):
    def fail():
        raise RuntimeError("boom")

    monkeypatch.setattr(running.machine, "certificate", fail)
    found = {result.check: result for result in running.run_all()}
    assert found["certificate"].code == "check.failed"
    assert found["python"].state == "ok"
    assert "health.check_failed" in caplog.text


def test_problems_come_first_with_how_to_mend_them(console, settings):
    settings.DEBUG = True
    text = console.get("/").content.decode()
    assert "whoever causes an error reads settings" in text
    assert '<code class="break">DEBUG=false</code>' in text
    assert text.index('id="health-debug"') < text.index('id="health-python"')


def test_whoever_acts_on_mail_asks_for_the_checks_and_a_viewer_does_not(console, client):
    assert console.post("/health/check/").status_code == 302
    client.force_login(Operator.objects.create(email="viewer@example.com", role="viewer"))
    assert client.post("/health/check/").status_code == 403
    assert "Check again now" not in client.get("/").content.decode()


def run(*arguments):
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("health", *arguments, stdout=out)
    return ended.value.code, out.getvalue()


def test_the_command_says_all_of_it_and_ends_by_the_worst(settings):
    settings.DEBUG = True
    code, text = run()
    assert code == 2
    assert text.count("\n") >= len(running.ORDER)
    assert "BAD      DEBUG: On" in text
    assert "DEBUG=false" in text
    assert "OK       Python" in text
    assert "OK " not in run("--problems")[1]


@pytest.mark.parametrize(
    ("states", "code"),
    [
        (["ok", "ok"], 0), (["ok", "warn"], 1), (["warn", "bad", "unknown"], 2),
        (["unknown", "ok"], 3), (["unknown", "warn"], 1),
    ],
    ids=str,
)  # fmt: skip
def test_the_exit_code_is_that_of_the_worst_state(monkeypatch, states, code):
    results = [Result("debug", state, "debug.off") for state in states]
    monkeypatch.setattr(running, "run_all", lambda: results)
    assert run()[0] == code


def test_all_good_is_good():
    assert worst([]) == "ok"


def test_every_check_has_a_title_and_all_that_is_bad_says_how_to_mend_it():
    assert set(wording.TITLES) == set(running.ORDER)
    assert set(mending.MENDING) <= set(wording.SENTENCES)
    good = {"ok", "fresh", "ready", "greets", "taking", "idle", "alone", "with-database"}
    left = {
        code
        for code in wording.SENTENCES
        if code.partition(".")[2] not in good and code not in mending.MENDING
    }
    assert left == {"check.no-database", "database-disk.elsewhere", "debug.off", "inbound.off"}
