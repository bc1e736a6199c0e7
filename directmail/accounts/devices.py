"""What a User-Agent header says in words. Pure; a header may say anything."""

from dataclasses import dataclass

# The first that is found counts: Edge and Opera call themselves Chrome too, and Chrome Safari.
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_HAND_HELD = frozenset({"iPhone", "iPad", "Android"})


@dataclass(frozen=True, slots=True)
class Device:
    """Names; empty where the header names none that we know."""

    browser: str
    system: str

    @property
    def is_hand_held(self) -> bool:
        return self.system in _HAND_HELD


def device(user_agent: str) -> Device:
    """Whose browser this is, as far as it says."""
    return Device(browser=_first(_BROWSERS, user_agent), system=_first(_SYSTEMS, user_agent))


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for mark, name in known if mark in text), "")
