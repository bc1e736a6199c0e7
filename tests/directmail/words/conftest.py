"""The language that puts every text in brackets, for the tests of this directory."""

from pathlib import Path
from typing import Any

import pytest

from tests.directmail.words import pseudo


@pytest.fixture(scope="session")
def catalogs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("locale")
    pseudo.write(directory)
    return directory


@pytest.fixture
def in_brackets(settings: Any, catalogs: Path) -> None:
    settings.LOCALE_PATHS = [catalogs]
    settings.LANGUAGES = [(pseudo.CODE, "English"), ("en", "English")]
