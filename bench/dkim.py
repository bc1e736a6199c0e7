"""What signing a mail costs: by size and key, beside dkimpy, and on threads.

Each figure is the best of several runs: what else the machine does only ever adds to it.
"""

import asyncio
import hashlib
import os
import time
from base64 import b64encode
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

import dkim
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench.speaking import make_mail
from smtp_gateway.relay.dkim import PrivateKey, load_key, signature_fields

_SIZES = (1, 10, 100)
_RUNS, _SECONDS_A_RUN = 5, 0.15
_DOMAIN = "example.test"
_THREADED_MAILS = 400

_rsa = generate_private_key(65537, 2048)
_ed25519 = Ed25519PrivateKey.generate()


def our_keys() -> dict[str, list[PrivateKey]]:
    both = [
        load_key(
            selector=f"bench{letter}",
            algorithm=algorithm,
            der=key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        )
        for letter, algorithm, key in (
            ("r", "rsa-sha256", _rsa),
            ("e", "ed25519-sha256", _ed25519),
        )
    ]
    return {"RSA-2048": both[:1], "Ed25519": both[1:], "both": both}


def dkimpy(kind: str) -> Callable[[bytes], object]:
    """dkimpy with the same key; Ed25519 needs PyNaCl."""
    pem = _rsa.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    raw = b64encode(_ed25519.private_bytes_raw())
    keys = {"RSA-2048": [(b"rsa-sha256", pem)], "Ed25519": [(b"ed25519-sha256", raw)]}
    used = keys.get(kind) or [*keys["RSA-2048"], *keys["Ed25519"]]

    def sign(mail: bytes) -> None:
        for algorithm, key in used:
            dkim.DKIM(mail, signature_algorithm=algorithm).sign(
                b"bench", _DOMAIN.encode(), key, canonicalize=(b"relaxed", b"relaxed")
            )

    return sign


def ours(keys: Sequence[PrivateKey]) -> Callable[[bytes], object]:
    return lambda mail: signature_fields(mail, domain=_DOMAIN, keys=keys, signed_at=1)


def milliseconds(work: Callable[[bytes], object], mail: bytes) -> float | None:
    """Of one call, on one thread; None: it cannot be done here."""
    try:
        work(mail)
    except dkim.NaClNotFoundError:
        return None
    return min(_run(work, mail) for _ in range(_RUNS)) * 1000


def _run(work: Callable[[bytes], object], mail: bytes) -> float:
    calls, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < _SECONDS_A_RUN or not calls:
        work(mail)
        calls += 1
    return passed / calls


def threaded(keys: Sequence[PrivateKey], mail: bytes, threads: int) -> float:
    """Mails a second on so many threads, eight a job as the relay hands them over."""

    def job(mails: Collection[bytes]) -> None:
        for each in mails:
            signature_fields(each, domain=_DOMAIN, keys=keys, signed_at=1)

    async def batch(pool: ThreadPoolExecutor) -> float:
        loop, started = asyncio.get_running_loop(), time.perf_counter()
        jobs = [loop.run_in_executor(pool, job, [mail] * 8) for _ in range(_THREADED_MAILS // 8)]
        await asyncio.gather(*jobs)
        return _THREADED_MAILS / (time.perf_counter() - started)

    with ThreadPoolExecutor(threads) as pool:
        return max(asyncio.run(batch(pool)) for _ in range(_RUNS))


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def main() -> None:
    keys = our_keys()
    print("| mail | SHA-256 alone | RSA-2048 | dkimpy | Ed25519 | dkimpy | both | dkimpy |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for size in _SIZES:
        mail = make_mail(size * 1024)
        hashing = milliseconds(lambda data: hashlib.sha256(data).digest(), mail)
        cells = [f"{size} KiB, ms", _cell(hashing)]
        for kind, used in keys.items():
            cells += [_cell(milliseconds(work, mail)) for work in (ours(used), dkimpy(kind))]
        print(f"| {' | '.join(cells)} |", flush=True)
    print("\n| 10 KiB, both keys | mails a second |\n|---|---:|")
    for threads in range(1, len(os.sched_getaffinity(0)) + 1):
        rate = threaded(keys["both"], make_mail(10 * 1024), threads)
        print(f"| {threads} thread{'s' if threads > 1 else ''} | {rate:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
