"""How `up` ends before it is ready."""


class CannotStart(Exception):
    """One sentence that names the setting to change."""


class StopRequested(Exception):
    """Ctrl-C or SIGTERM came; raised between two steps, never inside one."""
