"""The text of a reply as rules see it: plain lower-case words, and the enhanced status code."""

import re

# RFC 2034 section 4 puts it first; qmail and its kin write "(#5.1.1)" behind the text,
# and one filter puts its name in front.
_ENHANCED = re.compile(
    r"(?:\A[245]\d\d[ -]?(?:cuda_nsu )?|\(|#)#?([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)"
)
_NO_WORD = re.compile(r"[\W_]+")


def enhanced_status(text: str) -> str:
    """The enhanced status code of a reply (RFC 3463), such as "5.1.1"; "" if it has none."""
    match = _ENHANCED.search(text)
    return match[1] if match else ""


def words(text: str) -> str:
    """Lower-case words, a space around each: " user unknown ". Punctuation is gone."""
    return f" {_NO_WORD.sub(' ', text.lower()).strip()} "


def words_of_reply(text: str, enhanced: str) -> str:
    """The words of a reply without its codes: every line may repeat them."""
    said = text[4:].replace(enhanced, " ") if enhanced else text[4:]
    return words(said)
