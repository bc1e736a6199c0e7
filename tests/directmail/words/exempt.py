"""Pages whose texts are not all marked yet: whoever marks them takes them out."""

ROUTES: frozenset[str] = frozenset({""})
