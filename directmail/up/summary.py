"""What a newcomer reads when everything is up."""

import shlex
from pathlib import Path

from django.conf import settings

from directmail.up.probes import connectable


def summary(*, operator: str, password: str | None) -> str:
    """`password` is given at the first start only; it is kept nowhere."""
    host = connectable(settings.SMTP_HOST)
    rows = [
        ("Console", f"{settings.PUBLIC_URL}/"),
        ("Log-in", operator),
        ("Password", password or f"as shown at the first start; lost: {_new_password(operator)}"),
        ("SMTP", f"{host} port {settings.SMTP_PORT} (STARTTLS) or {settings.SMTPS_PORT} (TLS)"),
        ("Local mailbox", f"{settings.PUBLIC_URL}/mailbox/"),
        *_health(),
        ("Logs", str(_short(settings.VAR_DIR / "log"))),
    ]
    lines = [f"  {name:<14} {value}" for name, value in rows]
    once = ["  The password is shown this once and kept nowhere.", ""] if password else []
    return "\n".join(["DirectMail is ready.", "", *lines, "", *once, "  Ctrl-C stops everything."])


def _health() -> list[tuple[str, str]]:
    if not settings.GATEWAY_HEALTH_PORT:
        return []
    host = connectable(settings.GATEWAY_HEALTH_HOST)
    site = f"http://[{host}]" if ":" in host else f"http://{host}"
    pages = f"{site}:{settings.GATEWAY_HEALTH_PORT}/health and /metrics"
    return [("Gateway", pages)]


def _new_password(operator: str) -> str:
    """The command as it is typed in the project's directory."""
    own = settings.VAR_DIR != settings.BASE_DIR / "var"
    var_dir = [f"VAR_DIR={shlex.quote(str(settings.VAR_DIR))}"] if own else []
    command = [".venv/bin/python", "manage.py", "changepassword", shlex.quote(operator)]
    return " ".join([*var_dir, *command])


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
