"""Where sockets lie: nobody else may have prepared the place."""

import os
from pathlib import Path

import pytest

from directmail import places
from directmail.embedded import EmbeddedError, EmbeddedPostgres, EmbeddedRedis
from directmail.embedded.private_directory import make_private_directory, make_socket_directory

_SOMEBODY_ELSE = 12345


@pytest.fixture
def deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A VAR_DIR whose path is too long for a socket, and a /tmp of our own."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    return tmp_path / ("d" * 100)


def test_a_short_path_has_its_sockets_under_var_dir() -> None:
    assert places.redis_socket(Path("/srv/mail")) == Path("/srv/mail/run/redis/redis.sock")


def test_a_long_path_has_its_sockets_in_a_directory_that_only_we_enter(deep: Path) -> None:
    directory = places.postgres_socket_dir(deep)
    assert directory.parent == places.short_socket_root(deep)
    for _ in range(2):
        make_socket_directory(deep, directory)
        assert [path.stat().st_mode & 0o777 for path in (directory.parent, directory)] == [
            0o700
        ] * 2


@pytest.mark.parametrize("engine", [EmbeddedRedis, EmbeddedPostgres])
def test_a_directory_that_others_can_enter_is_refused(deep: Path, engine: type) -> None:
    prepared = places.short_socket_root(deep)
    prepared.mkdir()
    prepared.chmod(0o777)
    with pytest.raises(EmbeddedError) as refused:
        engine(deep).launch()
    assert str(refused.value) == (
        f"{prepared} is not a directory that only this user can enter: remove it, or set VAR_DIR to"
        " another directory with a short path."
    )
    assert list(prepared.iterdir()) == []


def test_a_prepared_directory_within_ours_is_refused(deep: Path) -> None:
    directory = places.redis_socket(deep).parent
    directory.parent.mkdir(mode=0o700)
    directory.mkdir()
    directory.chmod(0o755)
    with pytest.raises(EmbeddedError, match="only this user can enter"):
        EmbeddedRedis(deep).launch()


@pytest.mark.parametrize("kind", ["a link", "a file"])
def test_what_is_no_directory_is_refused(deep: Path, kind: str) -> None:
    root = places.short_socket_root(deep)
    if kind == "a link":
        (target := deep.parent / "target").mkdir(mode=0o700)
        root.symlink_to(target)
    else:
        root.touch(mode=0o600)
    with pytest.raises(EmbeddedError, match="only this user can enter"):
        make_socket_directory(deep, places.postgres_socket_dir(deep))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_somebody_elses_directory_is_refused_but_for_the_user_that_is_named(deep: Path) -> None:
    directory = deep.parent / "given"
    directory.mkdir(mode=0o700)
    os.chown(directory, _SOMEBODY_ELSE, _SOMEBODY_ELSE)
    make_private_directory(directory, user_id=_SOMEBODY_ELSE)
    with pytest.raises(EmbeddedError, match="only this user can enter"):
        make_private_directory(directory)
