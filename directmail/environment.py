"""How a setting is read: from the environment, a file of its own or `.env`, with a sentence when
it cannot be.

Knows no setting; an empty value counts as one that is not set.
"""

import io
import os
import re
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured
from dotenv.parser import Binding, parse_stream
from environs import FileAwareEnv

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Environment(FileAwareEnv):
    """Typed readers. All raise ImproperlyConfigured or ValueError with one sentence."""

    def read_settings_file(self, path: Path) -> None:
        """Takes in a `.env`, if there is one; the environment wins over it."""
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError):
            raise ImproperlyConfigured(
                f"{path} cannot be read: make it a text file in UTF-8 that is yours, or remove it."
            ) from None
        for binding in parse_stream(io.StringIO(text)):
            if not _is_setting(binding):
                raise ImproperlyConfigured(
                    f"{path}, line {_line(binding)} is no setting: write NAME=value, or put # "
                    "in front of it."
                )
        self.read_env(str(path), recurse=False)

    def duration(
        self,
        name: str,
        default: float,
        *,
        unit: Literal["seconds", "hours", "days"],
        longest: float,
    ) -> timedelta:
        """More than nothing, and no more than `longest`."""
        value = self.float(name, default)
        if not 0 < value <= longest:
            raise ImproperlyConfigured(
                f"{name} is {value:g}: set it to more than 0 and at most {longest:g} {unit}."
            )
        return timedelta(**{unit: value})

    def duration_or_none(
        self, name: str, default: float, *, unit: Literal["hours", "days"], longest: float
    ) -> timedelta | None:
        """Like `duration`; 0 says that there is none."""
        if self.float(name, default) == 0:
            return None
        return self.duration(name, default, unit=unit, longest=longest)

    def choice(self, name: str, default: str, choices: Sequence[str]) -> str:
        """One of `choices`, in whatever case it is written."""
        value = self.str(name, default)
        for choice in choices:
            if value.lower() == choice.lower():
                return choice
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to one of {', '.join(choices)}.")

    def splittable_url(self, name: str, default: str) -> str:
        """A URL that can be taken apart; it may hold a secret, so no sentence quotes it."""
        value = self.str(name, default)
        try:
            urlsplit(value)
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} is not a URL: its host cannot be read; percent-encode user and password."
            ) from None
        return value

    def networks(self, name: str, default: Sequence[str]) -> list[IPv4Network | IPv6Network]:
        """IP networks and single addresses, separated by commas."""
        found = []
        for text in self.list(name, default):
            try:
                found.append(ip_network(text.strip(), strict=False))
            except ValueError:
                raise ImproperlyConfigured(
                    f"{name} has {text!r}, which is no network: write it as in 10.0.0.0/8."
                ) from None
        return found

    def time_zone(self, name: str, default: str) -> str:
        """A name of the IANA time zone database."""
        value = self.str(name, default)
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ImproperlyConfigured(
                f"{name} is {value!r}, which is no time zone: set it as in Europe/Berlin."
            ) from None
        return value

    def _get_value(self, env_key: str, default: Any) -> Any:
        file_key = f"{env_key}{self.file_suffix}"
        try:
            value = super()._get_value(env_key, default)
        except (OSError, UnicodeDecodeError):
            raise ImproperlyConfigured(
                f"The value of {file_key} must name a readable file of text."
            ) from None
        if not isinstance(value, str) or value.strip():
            return value
        if os.environ.get(file_key) or self._environ.get(file_key):
            raise ImproperlyConfigured(f"The file that {file_key} names is empty.")
        return default


def _is_setting(binding: Binding) -> bool:
    if binding.error:
        return False
    # Neither: an empty line, or a comment.
    is_blank = binding.key is None
    return is_blank or (binding.value is not None and bool(_NAME.fullmatch(str(binding.key))))


def _line(binding: Binding) -> int:
    text = binding.original.string
    blank = text[: len(text) - len(text.lstrip())]
    return binding.original.line + blank.count("\n")
