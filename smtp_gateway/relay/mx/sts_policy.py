"""MTA-STS policies (RFC 8461): what the TXT record and the policy file say. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from smtp_gateway.relay.mx.domain import is_host_name

_VERSION = "STSv1"
# RFC 8461 section 3.1.
_FIELD = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[\x21-\x3a\x3c\x3e-\x7e]+"
_DELIMITER = r"[ \t]*;[ \t]*"
_RECORD = re.compile(rf"v={_VERSION}(?:{_DELIMITER}{_FIELD})+(?:{_DELIMITER})?")
_ID = re.compile(r"[A-Za-z0-9]{1,32}")
# Section 3.2: "with a maximum value of 31557600".
_MAX_AGE = re.compile(r"[0-9]{1,10}")
_MAX_AGE_SECONDS = 31_557_600
_MODES = ("enforce", "testing", "none")
_MAX_PATTERNS = 100


class InvalidPolicy(ValueError):
    """No policy file; the text says why."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a domain asks of those who send it mail."""

    policy_id: str
    mode: str
    mx_patterns: tuple[str, ...]
    max_age_seconds: int

    @property
    def is_enforced(self) -> bool:
        return self.mode == "enforce"

    def names(self, host: str) -> bool:
        """Whether `host` may take the domain's mail (section 4.1)."""
        any_host = f"*.{host.partition('.')[2]}"
        return host in self.mx_patterns or any_host in self.mx_patterns


def read_policy_id(records: Sequence[str]) -> str:
    """The id in the TXT records of `_mta-sts`; empty: there is no policy (section 3.1)."""
    candidates = [record for record in records if record.startswith(f"v={_VERSION};")]
    if len(candidates) != 1 or not _RECORD.fullmatch(candidates[0]):
        return ""
    fields = [field.strip(" \t") for field in candidates[0].split(";")]
    ids = [field.removeprefix("id=") for field in fields if field.startswith("id=")]
    return ids[0] if len(ids) == 1 and _ID.fullmatch(ids[0]) else ""


def parse_policy(text: str, *, policy_id: str) -> Policy:
    """A policy file (section 3.2). Raises InvalidPolicy.

    Of fields other than `mx` the first counts; those that nobody knows are left aside.
    """
    fields: dict[str, list[str]] = {}
    for line in text.replace("\r\n", "\n").rstrip("\n").split("\n"):
        name, colon, value = line.partition(":")
        if not colon:
            raise InvalidPolicy("it has a line that is no field")
        fields.setdefault(name.strip(" \t"), []).append(value.strip(" \t"))
    if fields.get("version", [""])[0] != _VERSION:
        raise InvalidPolicy("its version is not STSv1")
    mode = fields.get("mode", [""])[0]
    if mode not in _MODES:
        raise InvalidPolicy("its mode is none of enforce, testing and none")
    return Policy(policy_id, mode, _mx_patterns(fields.get("mx", []), mode), _max_age(fields))


def _mx_patterns(values: Sequence[str], mode: str) -> tuple[str, ...]:
    patterns = tuple(value.lower().removesuffix(".") for value in values)
    if mode != "none" and not 0 < len(patterns) <= _MAX_PATTERNS:
        raise InvalidPolicy(f"it names no mail host, or more than {_MAX_PATTERNS}")
    if not all(is_host_name(pattern.removeprefix("*.")) for pattern in patterns):
        raise InvalidPolicy("it has an mx that is no host name")
    return patterns


def _max_age(fields: dict[str, list[str]]) -> int:
    text = fields.get("max_age", [""])[0]
    if not _MAX_AGE.fullmatch(text) or int(text) > _MAX_AGE_SECONDS:
        raise InvalidPolicy(f"its max_age is no number of seconds up to {_MAX_AGE_SECONDS}")
    return int(text)
