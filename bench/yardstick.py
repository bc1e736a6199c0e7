"""The load generator and the sink of ../shared/bench, built in a directory of our own."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[1]
SOURCE = Path(os.environ.get("YARDSTICK_SOURCE", BASE_DIR.parent / "shared" / "bench"))
_OPENSSL_HEADER = Path("/usr/include/openssl/ssl.h")


class Missing(Exception):
    """What this machine lacks; the text is a list for people."""


def build(directory: Path, *, needs_tls: bool) -> Path:
    """The yardstick, copied and built below `directory`. Raises Missing."""
    if lacking := _lacking(needs_tls=needs_tls):
        raise Missing("\n".join(f"- {thing}" for thing in lacking))
    yardstick = directory / "yardstick"
    shutil.copytree(SOURCE, yardstick, ignore=shutil.ignore_patterns("build"))
    command = ["make", "--quiet", "-C", str(yardstick), f"TLS={int(needs_tls)}"]
    subprocess.run(command, check=True)
    return yardstick


def _lacking(*, needs_tls: bool) -> Sequence[str]:
    lacking = []
    if not (SOURCE / "compare.py").exists():
        lacking.append(f"the yardstick at {SOURCE} (YARDSTICK_SOURCE names another place)")
    if not shutil.which("make"):
        lacking.append("make")
    if not any(map(shutil.which, ("cc", "gcc", "clang"))):
        lacking.append("a C compiler (Debian: gcc, libc6-dev)")
    if needs_tls and not _OPENSSL_HEADER.exists():
        lacking.append("OpenSSL's headers (Debian: libssl-dev)")
    return lacking


def lacking_for_postfix() -> Sequence[str]:
    """What keeps Postfix from being the baseline here."""
    lacking = []
    if os.geteuid() != 0:
        lacking.append("root, which Postfix needs to start")
    if not (shutil.which("postfix") or Path("/usr/sbin/postfix").exists()):
        lacking.append("Postfix (Debian: postfix)")
    if not (shutil.which("saslpasswd2") or Path("/usr/sbin/saslpasswd2").exists()):
        lacking.append("its log-in (Debian: sasl2-bin, libsasl2-modules)")
    if not shutil.which("openssl"):
        lacking.append("openssl")
    return lacking
