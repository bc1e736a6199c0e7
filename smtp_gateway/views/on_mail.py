"""Which actions a list of mail offers, and where each of them is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise

from smtp_gateway.action_words import WORDS, ActionWords
from smtp_gateway.obstacles import offered_for_list
from smtp_gateway.selection import Selection


@dataclass(frozen=True, slots=True)
class OnMail:
    """An action as a button for ticked rows, and as a link for all that is found."""

    words: ActionWords
    url: str
    found_url: str

    @property
    def label(self) -> Promise:
        return self.words.label

    @property
    def icon(self) -> str:
        return self.words.icon

    @property
    def is_danger(self) -> bool:
        return self.words.is_danger


def actions_on(shown_state: str, selection: Selection) -> Sequence[OnMail]:
    """`selection`: all that the list's filters find."""
    query = urlencode(selection.fields)
    urls = {
        name: reverse("smtp_gateway:act", args=[name]) for name in offered_for_list(shown_state)
    }
    return [OnMail(WORDS[name], url, f"{url}?{query}") for name, url in urls.items()]
