"""Any text as a string literal of a programming language, so that a snippet means what it says.

Pure. Text outside ASCII stays as it is: every one of these languages reads its source as UTF-8.
NUL has no literal in a shell.
"""

import re
import shlex
from collections.abc import Callable

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

# How a character without a short escape is written; the number of digits is fixed everywhere, so
# that a digit behind it is not taken for one of them.
_FOUR_DIGITS = "\\u{:04x}"
# Java looks for \u before it looks for strings: a line feed written so would end the line.
_OCTAL = "\\{:03o}"


def shell(text: str) -> str:
    """One word for a POSIX shell."""
    return shlex.quote(text)


def double_quoted(text: str) -> str:
    """For Python, JavaScript, Go and C#, which agree on all that is used here."""
    return f'"{_escaped(text, escape=_FOUR_DIGITS.format)}"'


def java(text: str) -> str:
    return f'"{_escaped(text, escape=_java_escape)}"'


def php(text: str) -> str:
    """In single quotes, where nothing but the quote and the backslash is special."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _escaped(text: str, *, escape: Callable[[int], str]) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return _CONTROLS.sub(lambda found: _SHORT.get(found[0]) or escape(ord(found[0])), text)


def _java_escape(code: int) -> str:
    return _OCTAL.format(code) if code < 0x100 else _FOUR_DIGITS.format(code)
