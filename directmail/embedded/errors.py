"""The one way an embedded engine fails."""


class EmbeddedError(Exception):
    """An engine cannot run; the text is one sentence that names the setting to change."""
