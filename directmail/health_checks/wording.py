"""The checks in words: what is, and how to mend it with the very command or setting."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from directmail.health_checks.mending import MENDING
from directmail.health_checks.values import Result, State

Words = str | Promise

TITLES: dict[str, Words] = {
    "gateway": _("SMTP gateway"),
    "inbound": _("Returns of mail"),
    "relay": _("Relay"),
    "worker": _("Worker and beat"),
    "next-hop": _("Next hop"),
    "standing": _("Standing of sender addresses"),
    "domains": _("Sender domains"),
    "one-click": _("Unsubscribing by one click"),
    "public-url": _("PUBLIC_URL"),
    "certificate": _("Certificate of the gateway"),
    "disk": _("Disk"),
    "database-disk": _("Disk of the database"),
    "migrations": _("Tables of the database"),
    "postgresql": _("PostgreSQL"),
    "redis": _("Redis"),
    "python": _("Python"),
    "clock": _("Clocks of console and database"),
    "redis-clock": _("Clocks of worker and Redis"),
    "secret-key": _("SECRET_KEY"),
    "debug": _("DEBUG"),
    "first-operator": _("Password of the first operator"),
    "throttle": _("Brake on failed log-ins"),
}

STATES: dict[State, Words] = {
    "ok": _("Good"),
    "warn": _("Look at it"),
    "bad": _("Mend it"),
    "unknown": _("Not known"),
}

SENTENCES: dict[str, Words] = {
    "check.never": _("No worker has looked yet."),
    "check.old": _("Nobody has looked for %(minutes)s minutes."),
    "check.slow": _("It gave no answer within 12 seconds."),
    "check.failed": _("The check itself failed: %(cause)s."),
    "check.no-database": _("It could not ask the database."),
    "gateway.ready": _("It accepts mail; its %(workers)s processes answer."),
    "gateway.greets": _("It greets on both ports."),
    "gateway.not-ready": _("It says of itself that it is %(status)s."),
    "gateway.database-away": _("It runs, and cannot reach the database: mail gets a 451."),
    "gateway.away": _("It does not answer: no application can submit mail."),
    "inbound.greets": _("Port %(port)s greets whoever brings bounces and complaints."),
    "inbound.off": _("INBOUND_PORT is not set: bounces go to whoever sends the mail."),
    "inbound.away": _("Port %(port)s does not greet (%(cause)s): bounces and complaints wait."),
    "relay.fresh": _("Relays at work: %(number)s."),
    "relay.silent": _("The last sign of life is %(seconds)s seconds old: mail waits."),
    "relay.none": _("No relay runs: mail is accepted and waits."),
    "worker.fresh": _("Beat sent a task and a worker did it %(seconds)s seconds ago."),
    "worker.late": _("Tasks wait, and no worker has done one for %(seconds)s seconds."),
    "worker.beat-late": _("Beat has sent no task for %(seconds)s seconds."),
    "worker.no-broker": _("No task has been done for %(seconds)s seconds: Redis is away."),
    "worker.never": _("No worker has ever done a task of beat."),
    "next-hop.none": _("Nothing leaves this machine: all mail is kept in the local mailbox."),
    "next-hop.taking": _("It took part in all of the last %(number)s attempts."),
    "next-hop.partly": _("%(failed)s of the last %(number)s attempts failed at %(name)s."),
    "next-hop.failing": _("%(failed)s of the last %(number)s attempts failed at %(name)s."),
    "next-hop.greets": _("No mail lately; %(names)s greets."),
    "next-hop.idle": _("No mail lately; mail hosts are looked up when there is some."),
    "next-hop.unreachable": _("%(host)s, port %(port)s, does not greet: %(cause)s."),
    "standing.ok": _("No brake is on, and none is near."),
    "standing.braked": _("The brake is on: %(names)s."),
    "standing.warned": _("The brake is near: %(names)s."),
    "domains.none": _("None is verified: mail of applications stays in the local mailbox."),
    "domains.ok": _("Verified: %(number)s."),
    "domains.idle": _("ALLOW_UNVERIFIED_DOMAINS lets out mail of any domain."),
    "domains.failing": _(
        "What proves %(names)s is no longer found in DNS; its mail leaves for another %(hours)s "
        "hours."
    ),
    "domains.stopped": _(
        "What proved %(names)s has been missing for three days: its mail stays in the local "
        "mailbox."
    ),
    "one-click.ok": _("Links are https, as receivers want it."),
    "one-click.idle": _("No address sends mail that gets such links."),
    "one-click.not-https": _(
        "PUBLIC_URL is not https, so receivers do not honour it: batch mail has a link to a page "
        "alone."
    ),
    "public-url.ok": _("%(url)s leads here, by https."),
    "public-url.not-https": _("%(url)s leads here, but by http: passwords cross the net readable."),
    "public-url.unreachable": _("The worker cannot reach %(url)s: %(cause)s."),
    "public-url.other": _("%(url)s answers, but not as this console does."),
    "certificate.ok": _("Valid for another %(days)s days."),
    "certificate.self-signed": _(
        "Made by DirectMail itself, valid for another %(days)s days; clients have to be told to "
        "trust it."
    ),
    "certificate.expiring": _("It ends in %(days)s days."),
    "certificate.expired": _("It has ended: mail clients refuse to connect."),
    "certificate.unreadable": _("There is none that can be read at %(path)s."),
    "disk.alone": _("%(percent)s %% free, %(gib)s GiB, where VAR_DIR lies."),
    "disk.with-database": _("%(percent)s %% free, %(gib)s GiB, with PostgreSQL on it."),
    "disk.low": _("Only %(percent)s %% free, %(gib)s GiB, at %(path)s."),
    "disk.away": _("%(path)s cannot be looked at: %(cause)s."),
    "database-disk.ok": _("%(percent)s %% free at %(path)s."),
    "database-disk.low": _("Only %(percent)s %% free at %(path)s: without room no mail is taken."),
    "database-disk.elsewhere": _("It is on another machine, or must not be looked at from here."),
    "migrations.ok": _("They fit this version."),
    "migrations.missing": _("%(number)s migrations are not applied: %(names)s."),
    "postgresql.ok": _("Version %(version)s."),
    "postgresql.away": _("It does not answer: %(cause)s."),
    "postgresql.old": _("Version %(version)s is older than %(least)s."),
    "redis.ok": _("Version %(version)s."),
    "redis.old": _("Version %(version)s is older than %(least)s."),
    "redis.away": _("It does not answer: %(cause)s."),
    "python.ok": _("Version %(version)s."),
    "python.old": _("Version %(version)s is older than %(least)s."),
    "clock.ok": _("They agree."),
    "clock.off": _("They differ by %(seconds)s seconds."),
    "redis-clock.ok": _("They agree."),
    "redis-clock.off": _("They differ by %(seconds)s seconds."),
    "secret-key.ok": _("Long and random enough."),
    "secret-key.short": _("It can be guessed: it has %(length)s characters, or hardly any others."),
    "debug.off": _("Off, as it should be."),
    "debug.on": _("On: whoever causes an error reads settings and data."),
    "first-operator.ok": _("Set by somebody, and not the one that was made at the first start."),
    "first-operator.generated": _("%(email)s still has the one that the first start printed."),
    "throttle.ok": _("Failed log-ins are counted by client and by address."),
    "throttle.off": _("It is off: passwords can be tried out."),
    "throttle.not-shared": _("Each process counts for itself."),
    "throttle.one-address": _("All clients seem to come from the proxy, and share one count."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A result as people read it."""

    check: str
    title: Words
    state: State
    state_label: Words
    sentence: str
    mending: str
    """How to mend it; empty: nothing to mend."""
    command: str
    """The very command or setting."""
    found_at: datetime | None

    @property
    def is_fresh(self) -> bool:
        """Younger than what "minutes ago" can say."""
        return self.found_at is None or timezone.now() - self.found_at < timedelta(minutes=1)


def shown(result: Result) -> Shown:
    """`result` in the language that is active."""
    mending, command = MENDING.get(result.code, ("", "")) if result.state != "ok" else ("", "")
    return Shown(
        check=result.check,
        title=TITLES[result.check],
        state=result.state,
        state_label=STATES[result.state],
        sentence=str(SENTENCES[result.code]) % result.facts,
        mending=str(mending),
        command=str(command) % result.facts if "%(" in str(command) else str(command),
        found_at=result.found_at,
    )
