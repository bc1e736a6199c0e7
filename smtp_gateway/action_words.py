"""The words of what can be done by hand. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActionWords:
    """What the console says before and after."""

    label: str
    """On buttons."""
    icon: str
    before: str
    after: str
    """Around "the mail to ..." in the question."""
    effect: str
    done: str
    """Behind "The mail to ..."."""
    is_danger: bool = False

    def report(self, whom: str) -> str:
        return f"The mail to {whom} {self.done}."


WORDS: dict[str, ActionWords] = {
    "retry": ActionWords(
        label="Retry now",
        icon="rotate-cw",
        before="Retry",
        after=" now",
        effect="The next attempt is due at once instead of at its time. It still takes its turn"
        " with other mail to the same destination.",
        done="is due now",
    ),
    "cancel": ActionWords(
        label="Cancel mail",
        icon="circle-minus",
        before="Cancel",
        after="",
        effect="It is not relayed any more, and nobody is sent a report. It can be sent again"
        " while its content is kept.",
        done="is cancelled",
        is_danger=True,
    ),
    "release": ActionWords(
        label="Release",
        icon="circle-play",
        before="Release",
        after="",
        effect="It goes back into the queue and is tried at once. Should relays stop over it again,"
        " it is set aside again.",
        done="is released",
    ),
    "send-again": ActionWords(
        label="Send again",
        icon="copy-plus",
        before="Send",
        after=" again",
        effect="A new mail with the same content, sender and recipients goes into the queue, with"
        " a queue ID and a page of its own.",
        done="is queued again",
    ),
}
"""By the values of ActionName."""


def whom(count: int, recipient: str = "") -> str:
    """One recipient by the address, several by their number."""
    return recipient if count == 1 and recipient else recipients(count)


def isolated(text: str) -> str:
    """For a sentence without markup: marks of direction in foreign text end with it."""
    return text if text.isascii() else f"\u2068{text}\u2069"


def recipients(count: int) -> str:
    return "1 recipient" if count == 1 else f"{count:,} recipients"
