"""Mail as another receiver finds it that shares no code with ours: mailauth, on Node.js."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

BASE_DIR = Path(__file__).resolve().parents[2]
NODE_MODULES = BASE_DIR / ".venv" / "mailauth" / "node_modules"
NEEDS_MAILAUTH = pytest.mark.skipif(
    not (shutil.which("node") and NODE_MODULES.is_dir()),
    reason="Node.js or mailauth is not here: `make test` installs mailauth where npm is",
)
_SCRIPTS = BASE_DIR / "tests" / "clients" / "mailauth"
_SECONDS = 90


def run_mailauth(script: str, *arguments: str, said: bytes) -> Any:
    """What that script of tests/clients/mailauth prints, read as JSON."""
    command: list[str | Path] = ["node", _SCRIPTS / script, *arguments]
    done = subprocess.run(
        command,
        input=said,
        env={**os.environ, "NODE_PATH": str(NODE_MODULES)},
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def authenticated(content: bytes, *, server: str, ip: str, mail_from: str) -> Any:
    """SPF, DKIM and DMARC of one mail, asking the DNS server at `server`."""
    return run_mailauth("authenticate.js", server, ip, mail_from, said=content)
