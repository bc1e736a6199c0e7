"""PostgreSQL refuses to run as root; where we are root it runs as an unprivileged user."""

import os
import pwd
import shutil
from collections.abc import Sequence
from pathlib import Path

from directmail.embedded.errors import EmbeddedError


def postgres_user() -> pwd.struct_passwd | None:
    """The user PostgreSQL runs as where we are root; None: ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedError(
        "PostgreSQL does not run as root, and there is no user `nobody` to run it as: "
        "start as another user, or set DATABASE_URL to a server of your own."
    )


def as_postgres_user(command: Sequence[str]) -> list[str]:
    """`command` for the unprivileged user where we are root.

    The checkout may lie where that user cannot go, for instance under /root. Rather than opening
    other people's directories, the process keeps the one capability that walks through them.
    """
    user = postgres_user()
    if user is None:
        return list(command)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EmbeddedError(
            "PostgreSQL does not run as root, and setpriv (util-linux) is missing: "
            "start as another user, or set DATABASE_URL to a server of your own."
        )
    capabilities = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    drop = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *capabilities]
    return [setpriv, *drop, "--", *command]


def postgres_user_id() -> int | None:
    """That user's id; None: ourselves."""
    user = postgres_user()
    return user.pw_uid if user else None


def give_to_postgres(directory: Path) -> None:
    """Makes PostgreSQL's user the owner of a directory of ours."""
    user = postgres_user()
    if user is not None:
        os.chown(directory, user.pw_uid, user.pw_gid, follow_symlinks=False)
