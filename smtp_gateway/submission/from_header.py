"""Reads the value of a From field strictly (RFC 5322 section 3.4): one mailbox or a finding.

Of its own, because the verdict decides who may send as whom: what this accepts, every reader of the
mail must understand alike, so anything doubtful is malformed.
"""

import re
from dataclasses import dataclass
from enum import Enum

_TOKEN = re.compile(
    r"(?P<space>[ \t]+)"
    r'|"(?P<quoted>(?:[^"\\]|\\.)*)"'
    r"|(?P<literal>\[[^\[\]\\]*\])"
    r'|(?P<word>[^\s"(),.:;<>@\[\]\\]+)'
    r"|(?P<special>[,.:;<>@(])"
)
# RFC 2047 section 5: nothing in it that a reader could take for the syntax around it.
_ENCODED_WORD = re.compile(
    r"""=\?[^?\s()"<>@,;:\\\[\]]+\?[bBqQ]\?[^?\s()"<>@,;:\\\[\]]*\?="""
    r"""(?=[\s()"<>@,.;:\\\[\]]|=\?|\Z)"""
)


# All of a header's 256 KiB in one field would keep all sessions waiting for a second.
MAX_CHARACTERS = 4096


class Finding(Enum):
    """Why a value is not one mailbox."""

    SEVERAL = "several"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def read_mailbox(value: str) -> str | Finding:
    """The address of the only mailbox in an unfolded From value."""
    if len(value) > MAX_CHARACTERS:
        return Finding.MALFORMED
    # Some readers take `=?` for an encoded word wherever it stands, in quotes and comments too, and
    # end quotes and comments elsewhere than we would.
    tokens = None if "=?" in _ENCODED_WORD.sub(" ", value) else _tokens(value)
    if tokens is None:
        return Finding.MALFORMED
    specials = {token.text for token in tokens if token.kind == "special"}
    if "," in specials:
        return Finding.SEVERAL
    # A group (RFC 6854) names no one who could be held to it.
    if specials & {":", ";"}:
        return Finding.MALFORMED
    return _address(_inside_brackets(tokens) if "<" in specials or ">" in specials else tokens)


def _tokens(value: str) -> list[_Token] | None:
    tokens = []
    at = 0
    while at < len(value):
        match = _TOKEN.match(value, at)
        if match is None or match.lastgroup is None:
            return None
        at = match.end()
        if match["special"] == "(":
            at = _end_of_comment(value, at)
            if not at:
                return None
        elif match.lastgroup != "space":
            tokens.append(_Token(match.lastgroup, match[match.lastgroup]))
    return tokens


def _end_of_comment(value: str, at: int) -> int:
    depth = 1
    while at < len(value):
        if value[at] == "\\":
            at += 1
        else:
            depth += {"(": 1, ")": -1}.get(value[at], 0)
        at += 1
        if not depth:
            return at
    return 0


def _inside_brackets(tokens: list[_Token]) -> list[_Token]:
    """What stands in <> when a display name is before and nothing behind; else nothing."""
    opening = next((n for n, token in enumerate(tokens) if token == _Token("special", "<")), -1)
    name = tokens[: max(opening, 0)]
    is_name = all(token.kind in ("word", "quoted") or token.text == "." for token in name)
    if opening < 0 or not is_name or tokens[-1] != _Token("special", ">"):
        return []
    return tokens[opening + 1 : -1]


def _address(tokens: list[_Token]) -> str | Finding:
    at_signs = [n for n, token in enumerate(tokens) if token == _Token("special", "@")]
    if len(at_signs) != 1:
        return Finding.MALFORMED
    local_part = _dotted(tokens[: at_signs[0]], ("word", "quoted"))
    domain = _dotted(tokens[at_signs[0] + 1 :], ("word", "literal"))
    return f"{local_part}@{domain}" if local_part and domain else Finding.MALFORMED


def _dotted(tokens: list[_Token], kinds: tuple[str, ...]) -> str:
    """The text of words with dots between them; empty: it is something else."""
    words, dots = tokens[::2], tokens[1::2]
    is_dotted = (
        len(words) == len(dots) + 1
        and all(word.kind in kinds for word in words)
        and all(dot == _Token("special", ".") for dot in dots)
    )
    return ".".join(re.sub(r"\\(.)", r"\1", word.text) for word in words) if is_dotted else ""
