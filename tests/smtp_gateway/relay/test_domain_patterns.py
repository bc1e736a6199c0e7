"""Patterns of domains, as operators write them."""

import pytest

from smtp_gateway.relay.domain_patterns import (
    InvalidPattern,
    matches,
    normal_domain,
    parse_patterns,
    shown,
)


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("", ()),
        (" \n ", ()),
        ("example.com", ("example.com",)),
        ("Example.COM.", ("example.com",)),
        ("b.example\n*.a.example, b.example", ("b.example", "*.a.example")),
        ("bücher.example", ("xn--bcher-kva.example",)),
        ("*.Bücher.example", ("*.xn--bcher-kva.example",)),
        ("*.internal", ("*.internal",)),
    ],
)
def test_patterns_are_read_into_their_normal_form(text: str, patterns: tuple[str, ...]) -> None:
    assert parse_patterns(text) == patterns


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("anna@example.com", "write example.com"),
        ("@", "a domain is wanted."),
        ("*", "leave the field empty"),
        ("*.", "leave the field empty"),
        ("a.*.example", "is no domain"),
        ("*example.com", "is no domain"),
        ("**.example.com", "is no domain"),
        ("a..example", "is no domain"),
        ("-a.example", "is no domain"),
        ("http://example.com", "is no domain"),
        ("[192.0.2.1]", "is no domain"),
        ("a\0b.example", "is no domain"),
        ("a" * 64 + ".example", "is no domain"),
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_what_is_no_pattern_is_refused_with_what_to_write(text: str, said: str) -> None:
    with pytest.raises(InvalidPattern, match=said.replace(".", "[.]")):
        parse_patterns(text)


def test_a_list_has_an_end() -> None:
    assert len(parse_patterns(" ".join(f"d{number}.example" for number in range(500)))) == 500
    with pytest.raises(InvalidPattern, match="501 domains; at most 500"):
        parse_patterns(" ".join(f"d{number}.example" for number in range(501)))


@pytest.mark.parametrize(
    ("pattern", "domain", "is_match"),
    [
        ("example.com", "example.com", True),
        ("example.com", "www.example.com", False),
        ("example.com", "badexample.com", False),
        ("*.example.com", "www.example.com", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "badexample.com", False),
        ("*.com", "example.com", True),
        ("example.com", "", False),
        ("*.com", "", False),
    ],
)
def test_a_pattern_has_the_domains_it_says(pattern: str, domain: str, is_match: bool) -> None:
    assert matches((pattern, "other.example"), domain) is is_match


@pytest.mark.parametrize(
    ("domain", "normal"),
    [
        ("Example.COM", "example.com"),
        ("example.com.", "example.com"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("[IPv6:2001:DB8::1]", "[ipv6:2001:db8::1]"),
        ("ü" * 70, "ü" * 70),
        ("", ""),
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_domains_are_compared_in_their_normal_form(domain: str, normal: str) -> None:
    assert normal_domain(domain) == normal


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("*.xn--bcher-kva.example", "*.bücher.example"),
        ("example.com", "example.com"),
        ("xn--a-.example", "xn--a-.example"),
    ],
)
def test_people_read_u_labels(pattern: str, words: str) -> None:
    assert shown(pattern) == words
