"""What is asked here: engines, processes, disk and certificate, secrets, the next hop's record."""

import os
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone
from redis import Redis

from directmail.celery import app
from directmail.first_password import note_generated
from directmail.health_checks import engines, machine, next_hop, processes, secrets
from directmail.models import Operator
from directmail.operators import first_operator
from directmail.tasks import note_heartbeat
from smtp_gateway import queue
from smtp_gateway.models import Finding, RelayProcess
from smtp_gateway.submission.certificate import ensure_self_signed
from tests.smtp_gateway.mails import attempt_all, make_mail
from tests.smtp_gateway.routes.factories import make_route

pytestmark = pytest.mark.django_db
NOWHERE = "unix:///nowhere/redis.sock"


def seen(result):
    return result.state, result.code


def test_the_engines_that_run_here_are_new_enough():
    for check in (engines.postgresql, engines.redis, engines.python):
        assert check().state == "ok"


def test_an_old_engine_is_named_with_the_least_version(monkeypatch):
    monkeypatch.setattr(engines, "LEAST_POSTGRESQL", (999,))
    result = engines.postgresql()
    assert seen(result) == ("bad", "postgresql.old")
    assert result.facts["least"] == "999"


def test_redis_that_is_away_is_bad(settings):
    settings.REDIS_URL = NOWHERE
    assert seen(engines.redis()) == ("bad", "redis.away")
    assert seen(engines.redis_clock()) == ("unknown", "redis.away")


def test_clocks_that_agree_are_good():
    assert seen(engines.clock()) == ("ok", "clock.ok")
    assert seen(engines.redis_clock()) == ("ok", "redis-clock.ok")


@pytest.mark.parametrize(("ahead", "state"), [(5, "warn"), (3600, "bad")])
def test_clocks_that_differ_are_told_with_how_much(monkeypatch, ahead, state):
    now = timezone.now().timestamp()
    monkeypatch.setattr(engines, "time", SimpleNamespace(time=lambda: now + ahead))
    result = engines.clock()
    assert seen(result) == (state, "clock.off")
    assert result.facts["seconds"] == pytest.approx(ahead, abs=1.5)


def test_a_migration_that_is_not_applied_is_named():
    assert engines.migrations().state == "ok"
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '0014_rollups'")
    result = engines.migrations()
    assert seen(result) == ("bad", "migrations.missing")
    assert result.facts["names"] == "smtp_gateway.0014_rollups"


def test_a_worker_that_never_did_a_task_is_told_from_one_that_is_late():
    assert seen(processes.worker_and_beat()) == ("bad", "worker.never")
    note_heartbeat()
    assert seen(processes.worker_and_beat()) == ("ok", "worker.fresh")


@pytest.mark.parametrize(("minutes", "state"), [(1, "warn"), (5, "bad")])
@pytest.mark.parametrize(("waiting", "code"), [(1, "worker.late"), (0, "worker.beat-late")])
def test_who_is_late_is_told_by_the_tasks_that_wait(settings, minutes, state, waiting, code):
    with Redis.from_url(settings.REDIS_URL) as client:
        client.delete("celery")
        for _ in range(waiting):
            client.rpush("celery", "task")
        note_heartbeat()
        Finding.objects.update(found_at=timezone.now() - timedelta(minutes=minutes))
        result = processes.worker_and_beat()
        client.delete("celery")
    assert seen(result) == (state, code)


def test_without_redis_nobody_can_do_a_task(settings):
    note_heartbeat()
    Finding.objects.update(found_at=timezone.now() - timedelta(minutes=5))
    settings.REDIS_URL = NOWHERE
    assert seen(processes.worker_and_beat()) == ("bad", "worker.no-broker")


def test_beat_sends_the_task_that_proves_it_and_the_one_that_looks():
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {"directmail.tasks.note_heartbeat", "directmail.tasks.check_health"} <= scheduled


def test_a_relay_is_good_by_its_heartbeat_and_bad_without():
    assert seen(processes.relay()) == ("bad", "relay.none")
    queue.register_relay(host="a", pid=1)
    assert seen(processes.relay()) == ("ok", "relay.fresh")
    RelayProcess.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=2))
    assert seen(processes.relay()) == ("bad", "relay.silent")


@pytest.mark.parametrize(("free", "state"), [(50, "ok"), (14, "warn"), (4, "bad")])
def test_a_disk_is_told_by_how_much_of_it_is_free(monkeypatch, free, state):
    found = SimpleNamespace(f_bavail=free, f_blocks=100, f_frsize=1024**3)
    monkeypatch.setattr(os, "statvfs", lambda _path: found)
    assert machine.disk().state == state
    assert machine.disk().facts["percent"] == free
    assert machine.database_disk("/somewhere").state == state


def test_a_disk_that_is_not_there_is_bad(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "gone"
    assert seen(machine.disk()) == ("bad", "disk.away")
    assert seen(machine.database_disk(str(tmp_path / "gone")))[0] == "ok"


@pytest.fixture
def certificate(settings, tmp_path):
    settings.TLS_CERT_FILE, settings.TLS_KEY_FILE = tmp_path / "cert.pem", tmp_path / "key.pem"

    def make(days_left):
        made_at = timezone.now() - timedelta(days=3650 - days_left, minutes=-1)
        ensure_self_signed(
            settings.TLS_CERT_FILE, settings.TLS_KEY_FILE, hostname="mail.example", now=made_at
        )
        return machine.certificate()

    return make


@pytest.mark.parametrize(
    ("days", "state", "code"),
    [
        (22, "ok", "certificate.self-signed"),
        (20, "warn", "certificate.expiring"),
        (6, "bad", "certificate.expiring"),
        (-1, "bad", "certificate.expired"),
    ],
)
def test_a_certificate_is_told_by_its_days(certificate, days, state, code):
    result = certificate(days)
    assert seen(result) == (state, code)
    assert result.facts["days"] == days


def test_a_self_signed_certificate_is_not_enough_in_the_open(certificate, settings):
    settings.PUBLIC_URL = "https://mail.example.com"
    assert seen(certificate(100)) == ("warn", "certificate.self-signed")


def test_without_a_certificate_it_says_where_there_is_none(settings, tmp_path):
    settings.TLS_CERT_FILE = tmp_path / "none.pem"
    assert seen(machine.certificate()) == ("bad", "certificate.unreadable")


def test_the_password_of_the_first_start_is_told_until_another_is_set():
    assert seen(secrets.first_operator()) == ("ok", "first-operator.ok")
    email, password = first_operator(email="first@example.com")
    assert password
    result = secrets.first_operator()
    assert seen(result) == ("warn", "first-operator.generated")
    assert result.facts == {"email": email}
    operator = Operator.objects.get(email=email)
    operator.set_password("a password of their own")
    operator.save()
    assert secrets.first_operator().state == "ok"


def test_what_is_kept_of_a_password_is_no_hash_that_can_be_tried():
    operator = Operator.objects.create_user(email="first@example.com", password="very secret")
    note_generated(operator)
    assert operator.password not in str(Finding.objects.get().value)
    assert "very secret" not in str(Finding.objects.get().value)


@pytest.mark.parametrize(
    ("key", "state"), [("short", "bad"), ("a" * 60, "bad"), ("0123456789" * 6, "ok")]
)
def test_a_secret_key_is_told_by_its_length_and_letters(settings, key, state):
    settings.SECRET_KEY = key
    assert secrets.secret_key().state == state


def test_debug_is_bad(settings):
    assert secrets.debug().state == "ok"
    settings.DEBUG = True
    assert secrets.debug().state == "bad"


def test_behind_a_proxy_that_is_not_believed_all_clients_are_one(settings):
    assert secrets.throttle().state == "ok"
    settings.PUBLIC_URL = "https://mail.example.com"
    assert seen(secrets.throttle()) == ("warn", "throttle.one-address")
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert secrets.throttle().state == "ok"


def test_log_ins_without_a_brake_are_bad(settings):
    settings.ACCOUNT_RATE_LIMITS = False
    assert seen(secrets.throttle()) == ("bad", "throttle.off")


def test_the_last_attempts_speak_for_a_next_hop_or_against_it():
    assert next_hop.by_outcomes() is None
    make_mail(recipients=["a@x.example"])
    attempt_all("relayed")
    assert seen(next_hop.by_outcomes()) == ("ok", "next-hop.taking")
    make_mail(recipients=["b@x.example"])
    attempt_all("deferred", reason_code="next-hop-unreachable")
    assert seen(next_hop.by_outcomes()) == ("warn", "next-hop.partly")
    make_mail(recipients=["c@x.example", "d@x.example"])
    attempt_all("deferred", reason_code="next-hop-timeout")
    assert seen(next_hop.by_outcomes()) == ("bad", "next-hop.failing")


def test_what_a_next_hop_says_of_a_recipient_is_no_trouble_of_it():
    make_mail()
    attempt_all("bounced", reason_code="next-hop-refused-recipient")
    assert next_hop.by_outcomes().state == "ok"


def test_each_next_hop_that_can_be_asked_is_asked_once(settings):
    settings.RELAY_URL = "smtp://smtp.example.net"
    make_route(kind="smarthost", host="smtp.example.net", port=25)
    make_route(kind="smarthost", host="other.example.net", port=587)
    make_route(kind="smarthost", host="off.example.net", is_enabled=False)
    make_route(kind="mx")
    names = {host for host, _ in next_hop.places()}
    assert names == {"smtp.example.net", "other.example.net"}
