"""MTA-STS records and policy files, read strictly (RFC 8461 sections 3 and 4.1)."""

import pytest

from smtp_gateway.relay.mx.sts_policy import InvalidPolicy, Policy, parse_policy, read_policy_id

FILE = "version: STSv1\r\nmode: enforce\r\nmx: mail.x.test\r\nmx: *.x.test\r\nmax_age: 86400\r\n"


@pytest.mark.parametrize(
    ("records", "policy_id"),
    [
        (["v=STSv1; id=20160831085700Z;"], "20160831085700Z"),
        (["v=STSv1;id=1"], "1"),
        (["v=STSv1; id=1; extension=x.y"], "1"),
        (["v=spf1 -all", "v=STSv1; id=1;"], "1"),
        ([], ""),
        (["v=STSv1;"], ""),
        (["v=STSv1; id=;"], ""),
        (["v=STSv1; id=not-alphanumeric;"], ""),
        ([f"v=STSv1; id={'1' * 33};"], ""),
        (["v=STSv1; id=1; id=2;"], ""),
        (["v=STSv1; id=1;;"], ""),
        (["v=STSv1; id=1;", "v=STSv1; id=2;"], ""),
        (["v=STSv2; id=1;"], ""),
        (["V=STSv1; id=1;"], ""),
        (["v=STSv1; mode=x"], ""),
    ],
)
def test_a_domain_has_a_policy_where_exactly_one_record_is_right(
    records: list[str], policy_id: str
) -> None:
    assert read_policy_id(records) == policy_id


@pytest.mark.parametrize(
    "text",
    [
        FILE,
        FILE.replace("\r\n", "\n"),
        FILE.removesuffix("\r\n"),
        FILE.replace(": ", " \t:\t "),
        FILE + "unknown: field\r\n",
        FILE + "mode: none\r\nmax_age: 5\r\nversion: STSv2\r\n",
        FILE.replace("mail.x.test", "MAIL.x.test."),
    ],
)
def test_a_policy_file_is_read(text: str) -> None:
    expected = Policy("1", "enforce", ("mail.x.test", "*.x.test"), 86400)
    assert parse_policy(text, policy_id="1") == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "<html></html>", FILE.replace("STSv1", "STSv2"), FILE.replace("enforce", "Enforce"),
        FILE.replace("mode: enforce\r\n", ""), FILE.replace("mx:", "mxs:"),
        FILE.replace("86400", "1.5"), FILE.replace("86400", "-1"),
        FILE.replace("86400", "31557601"),
        FILE.replace("max_age", "maxage"), FILE.replace("*.x.test", "*.*.test"),
        FILE.replace("*.x.test", "a*.x.test"), FILE.replace("*.x.test", "*"), FILE + "\r\nno field",
        FILE + "mx: a.test\r\n" * 100,
    ],
)  # fmt: skip
def test_what_is_no_policy_file_is_refused_with_its_fault(text: str) -> None:
    with pytest.raises(InvalidPolicy, match="it"):
        parse_policy(text, policy_id="1")


def test_a_policy_of_no_mode_needs_no_hosts() -> None:
    policy = parse_policy("version: STSv1\nmode: none\nmax_age: 60", policy_id="1")
    assert (policy.mx_patterns, policy.is_enforced) == ((), False)


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("mail.x.test", True), ("a.y.test", True), ("y.test", False), ("a.b.y.test", False),
        ("mail.z.test", False), ("evilmail.x.test", False), ("x.test", False),
    ],
)  # fmt: skip
def test_a_star_stands_for_one_label(host: str, named: bool) -> None:
    assert Policy("1", "enforce", ("mail.x.test", "*.y.test"), 60).names(host) == named
