"""Directories for sockets, which nobody else may have prepared: /tmp is everybody's."""

import os
import stat
from pathlib import Path

from directmail import places
from directmail.embedded.errors import EmbeddedError


def make_socket_directory(var_dir: Path, directory: Path, *, user_id: int | None = None) -> None:
    """Makes `directory`, and the one in /tmp that it lies in where VAR_DIR's path is too long.

    `user_id`: who may own it besides us. Raises EmbeddedError.
    """
    in_tmp = places.short_socket_root(var_dir)
    if directory.is_relative_to(in_tmp):
        make_private_directory(in_tmp)
    make_private_directory(directory, user_id=user_id)


def make_private_directory(directory: Path, *, user_id: int | None = None) -> None:
    """Makes a directory that only its owner enters. Raises EmbeddedError for another's."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except FileExistsError:
        raise _not_private(directory) from None
    # Not followed: a symbolic link leads to where its maker likes.
    found = directory.lstat()
    is_open = not stat.S_ISDIR(found.st_mode) or stat.S_IMODE(found.st_mode) & 0o077
    if is_open or found.st_uid not in (os.geteuid(), user_id):
        raise _not_private(directory)


def _not_private(directory: Path) -> EmbeddedError:
    return EmbeddedError(
        f"{directory} is not a directory that only this user can enter: remove it, or set VAR_DIR "
        "to another directory with a short path."
    )
