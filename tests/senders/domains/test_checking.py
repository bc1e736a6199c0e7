"""Each state of a domain, by a real DNS server: what is found, and what follows from it."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from senders.domains.checking import Report
from senders.domains.reading import former_hosts, verified_domains
from senders.domains.services import (
    add_domain,
    change_return_path_host,
    check_domain,
    remove_domain,
    rotate_keys,
    subject_of,
)
from senders.former_return_host import KEPT
from senders.models import AuditEntry, DkimKey, FormerReturnHost, SenderDomain
from senders.sender_domain import GRACE
from tests.senders.domains.dns import put
from tests.senders.domains.publishing import publish
from tests.smtp_gateway.relay.internet.names import Names, Trouble

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def row() -> SenderDomain:
    return add_domain("example.com", now=NOW)


def checked(row: SenderDomain, now: datetime = NOW) -> SenderDomain:
    check_domain(row.pk, now=now)
    row.refresh_from_db()
    return row


def problems(row: SenderDomain) -> dict[str, str]:
    """By kind, of what is not found."""
    records = Report.of_json(row.findings).records
    return {each.kind: each.problem for each in records if not each.is_found}


def test_without_any_records_it_stays_pending_and_is_looked_at_again_soon(
    names: Names, row: SenderDomain
) -> None:
    checked(row)
    assert (row.state, row.failed_checks) == ("pending", 1)
    assert row.next_check_at == NOW + timedelta(minutes=5)
    assert set(problems(row).values()) == {"nothing-there"}
    checked(row, NOW + HOUR)
    assert row.next_check_at == NOW + HOUR + timedelta(minutes=10)


def test_with_all_records_it_is_verified_and_its_keys_sign(names: Names, row: SenderDomain) -> None:
    publish(names, row)
    checked(row)
    assert (row.state, row.verified_at, row.return_path_verified_at) == ("verified", NOW, NOW)
    assert problems(row) == {}
    assert row.next_check_at == NOW + HOUR
    assert DkimKey.objects.active().of_domains(["example.com"]).count() == 2
    assert "sub.example.com" in verified_domains()


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        (["ownership", "dkim"], "verified"),
        (["ownership", "spf"], "verified"),
        (["ownership", "return-path", "return-path-spf"], "verified"),
        (["ownership", "return-path", "spf"], "verified"),
        (["ownership", "return-path-spf"], "pending"),
        (["ownership", "dmarc"], "pending"),
        (["ownership"], "pending"),
        (["dkim", "spf", "return-path", "return-path-spf", "dmarc"], "pending"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else value,
)
def test_ownership_and_one_way_to_tell_its_mail_make_it_verified(
    names: Names, row: SenderDomain, kinds: list[str], state: str
) -> None:
    publish(names, row, *kinds)
    assert checked(row).state == state


@pytest.mark.parametrize(
    ("kinds", "counts"),
    [
        (["ownership", "return-path", "return-path-spf"], True),
        (["ownership", "return-path", "dkim"], True),
        (["ownership", "return-path", "spf"], False),
        (["ownership", "return-path-spf", "dkim"], False),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else str(value),
)
def test_the_return_path_is_used_where_mail_with_it_still_passes_dmarc(
    names: Names, row: SenderDomain, kinds: list[str], counts: bool
) -> None:
    publish(names, row, *kinds)
    put(names, "_dmarc.example.com", "TXT", "v=DMARC1; p=reject")
    assert (checked(row).state, row.return_path_verified_at is not None) == ("verified", counts)


def test_under_strict_alignment_the_return_path_needs_a_signature(
    names: Names, row: SenderDomain
) -> None:
    publish(names, row, "ownership", "return-path", "return-path-spf", "spf")
    put(names, "_dmarc.example.com", "TXT", "v=DMARC1; p=reject; aspf=s")
    assert (checked(row).state, row.return_path_verified_at) == ("verified", None)
    publish(names, row, "dkim")
    assert checked(row).return_path_verified_at == NOW


def test_where_return_paths_are_switched_off_their_spf_proves_nothing(
    names: Names, row: SenderDomain, settings: Settings
) -> None:
    settings.SIGN_RETURN_PATHS = False
    publish(names, row, "ownership", "return-path", "return-path-spf")
    assert checked(row).state == "pending"
    publish(names, row, "spf")
    assert checked(row).state == "verified"


@pytest.mark.parametrize(
    ("name", "kind"), [("bounces", "MX"), ("_dmarc", "TXT")], ids=["mx", "dmarc"]
)
def test_a_domain_proven_by_its_return_path_stays_so_without_an_answer(
    names: Names, row: SenderDomain, name: str, kind: str
) -> None:
    publish(names, row, "ownership", "return-path", "return-path-spf")
    checked(row)
    names.trouble(f"{name}.example.com", kind, Trouble.SERVFAIL)
    checked(row, NOW + HOUR)
    assert (row.state, row.failing_since) == ("verified", None)
    assert row.return_path_verified_at == NOW


def test_one_key_of_the_two_is_enough_and_only_that_one_signs(
    names: Names, row: SenderDomain
) -> None:
    publish(names, row, "ownership")
    rsa = DkimKey.objects.get(algorithm="rsa-sha256")
    put(names, rsa.record.name, "TXT", rsa.record.value)
    assert checked(row).state == "verified"
    assert list(DkimKey.objects.active()) == [rsa]


def test_a_verified_domain_that_loses_its_records_has_three_days(
    names: Names, row: SenderDomain
) -> None:
    publish(names, row)
    checked(row)
    names.remove("_directmail.example.com", "TXT")
    checked(row, NOW + HOUR)
    assert (row.state, row.failing_since) == ("failing", NOW + HOUR)
    assert row.next_check_at == NOW + 2 * HOUR
    assert "example.com" in verified_domains(NOW + GRACE)
    checked(row, NOW + 2 * HOUR)
    assert row.failing_since == NOW + HOUR, "the time of grace does not begin anew"
    assert "example.com" not in verified_domains(NOW + HOUR + GRACE)
    publish(names, row, "ownership")
    checked(row, NOW + 3 * HOUR)
    assert (row.state, row.verified_at, row.failing_since) == ("verified", NOW, None)


def test_a_domain_that_stopped_is_verified_anew_and_asked_for_ever_more_rarely(
    names: Names, row: SenderDomain
) -> None:
    publish(names, row)
    checked(row)
    names.remove("_directmail.example.com", "TXT")
    checked(row, NOW + HOUR)
    later = NOW + HOUR + GRACE
    waits = []
    for _ in range(6):
        checked(row, later)
        waits.append((row.next_check_at - later) / HOUR)
        later = row.next_check_at
    assert waits == [2, 4, 8, 16, 24, 24]
    publish(names, row, "ownership")
    checked(row, later)
    assert (row.state, row.verified_at) == ("verified", later)


@pytest.mark.parametrize("trouble", [Trouble.SERVFAIL, Trouble.DROP], ids=lambda each: each.value)
def test_without_an_answer_everything_stays_as_it_was(
    names: Names, row: SenderDomain, settings: Settings, trouble: Trouble
) -> None:
    settings.DNS_TIMEOUT = timedelta(seconds=1)
    publish(names, row)
    checked(row)
    names.trouble("_directmail.example.com", "TXT", trouble)
    checked(row, NOW + HOUR)
    assert (row.state, row.failing_since) == ("verified", None)
    assert problems(row)["ownership"].startswith("no-answer-")
    assert len(problems(row)) == 1
    assert NOW + HOUR < row.next_check_at <= NOW + 2 * HOUR


def test_records_are_read_over_tcp_where_datagrams_are_too_small(
    names: Names, row: SenderDomain
) -> None:
    publish(names, row)
    rsa = DkimKey.objects.get(algorithm="rsa-sha256")
    names.trouble(rsa.record.name, "TXT", Trouble.TRUNCATE)
    assert problems(checked(row)) == {}
    assert names.over_tcp == 1


def test_keys_are_rotated_without_a_gap(names: Names, row: SenderDomain) -> None:
    publish(names, row)
    checked(row)
    old = set(DkimKey.objects.active())
    new = set(rotate_keys(row, now=NOW + HOUR))
    checked(row, NOW + HOUR)
    assert set(DkimKey.objects.active()) == old, "the new records are not there yet"
    publish(names, row)
    checked(row, NOW + 2 * HOUR)
    assert set(DkimKey.objects.active()) == new
    assert {key.retired_at for key in DkimKey.objects.filter(pk__in=[key.pk for key in old])} == {
        NOW + 2 * HOUR
    }
    assert row.state == "verified"


def test_what_a_check_changes_is_told_by_directmail_itself(names: Names, row: SenderDomain) -> None:
    publish(names, row)
    checked(row)
    entry = AuditEntry.objects.get(action="sender_domain.state_changed")
    assert (entry.before, entry.after) == ({"state": "pending"}, {"state": "verified"})
    assert entry.object_key == "example.com"
    assert entry.actor_kind == "system"


def test_a_new_return_path_has_to_be_found_before_it_counts(
    names: Names, row: SenderDomain
) -> None:
    publish(names, row)
    checked(row)
    change_return_path_host(row, host="returns.example.com", now=NOW)
    assert row.return_path_verified_at is None
    checked(row)
    assert row.return_path_verified_at is None
    publish(names, row)
    assert checked(row).return_path_verified_at == NOW


def test_hosts_that_are_left_take_reports_for_as_long_as_return_paths_are_good(
    row: SenderDomain,
) -> None:
    change_return_path_host(row, host="returns.example.com", now=NOW)
    change_return_path_host(row, host="bounces.example.com", now=NOW + HOUR)
    change_return_path_host(row, host="third.example.com", now=NOW + 2 * HOUR)
    left = {each.host: each.left_at for each in FormerReturnHost.objects.taking(NOW)}
    assert left == {
        "bounces.example.com": NOW + 2 * HOUR,
        "returns.example.com": NOW + HOUR,
    }
    assert len(former_hosts(row, NOW)) == 2
    later = NOW + HOUR + KEPT
    assert [each.host for each in FormerReturnHost.objects.taking(later)] == ["bounces.example.com"]
    remove_domain(row, now=later)
    assert {each.host for each in FormerReturnHost.objects.all()} == {
        "bounces.example.com",
        "third.example.com",
    }


def test_a_cname_to_the_mail_server_stands_for_mx_and_spf(names: Names, row: SenderDomain) -> None:
    publish(names, row, "ownership")
    names.add("bounces.example.com CNAME mail.directmail.test")
    put(names, "mail.directmail.test", "TXT", "v=spf1 a -all")
    assert checked(row).state == "verified"
    assert not {"return-path", "return-path-spf"} & problems(row).keys()


def test_a_domain_that_is_removed_meanwhile_is_left_alone(names: Names, row: SenderDomain) -> None:
    report = Report((), ())
    assert check_domain(row.pk + 1, now=NOW) is None

    def remove_then_report(_subject: object) -> Report:
        row.delete()
        return report

    assert check_domain(row.pk, now=NOW, look=remove_then_report) is None


def test_the_subject_names_what_this_installation_is(row: SenderDomain) -> None:
    subject = subject_of(row)
    assert subject.mail_host == "mail.directmail.test"
    assert subject.mechanisms == ("a:mail.directmail.test",)
    assert len(subject.keys) == 2
