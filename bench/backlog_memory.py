"""Memory of the relay and of PostgreSQL while a backlog of a million mails leaves."""

import argparse
import tempfile
import time
from pathlib import Path

from bench.server import USER, BenchServer, bench_server
from bench.sink import delivered, halted_relay, running_sink
from bench.yardstick import Missing, build

_PORT, _SINK_PORT = 2570, 2610
_FILL = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute(
        "WITH message AS (INSERT INTO smtp_gateway_message (queue_id, origin, mail_type,"
        " sender_address, mail_from, message_id, subject, size_bytes, accepted_at, expires_at,"
        " needs_smtputf8, is_8bit, client_name, tls, session_id)"
        " SELECT 'B' || lpad(n::text, 15, '0'), 'smtp', 'batch', %s, %s, '', 'backlog', 100, now(),"
        " now() + interval '12 hours', false, false, '', '', ''"
        " FROM generate_series(1, %s) AS n RETURNING id),"
        " content AS (INSERT INTO smtp_gateway_messagecontent (message_id, body)"
        " SELECT id, convert_to(%s, 'UTF8') FROM message)"
        " INSERT INTO smtp_gateway_delivery (message_id, recipient, lane, state, next_attempt_at,"
        " attempt_count, reason_code, reason, sender_key)"
        " SELECT id, 'to@example.net', 'batch', 'queued', now(), 0, '', '', hashtext(%s)"
        " FROM message",
        [{user!r}, {user!r}, {number}, {mail!r}, {user!r}],
    )
    cursor.execute("ANALYZE")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backlog", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=60)
    arguments = parser.parse_args()
    try:
        tools = build(Path(tempfile.mkdtemp(prefix="dm-bench-")), needs_tls=False) / "build"
    except Missing as missing:
        raise SystemExit(f"This is missing:\n{missing}") from None
    with running_sink(tools, _SINK_PORT), bench_server(_PORT, _SINK_PORT) as server:
        before = server.pss_mib("relay")
        with halted_relay(server):
            mail = f"From: {USER}\r\nSubject: backlog\r\n\r\n{'x' * 60}\r\n"
            server.run_in_django(_FILL.format(user=USER, number=arguments.backlog, mail=mail))
        print("| seconds | left | relay | PostgreSQL |\n|---:|---:|---:|---:|")
        print(f"| before | 0 | {before:.0f} MiB | |")
        _watch(server, arguments.backlog, arguments.seconds)


def _watch(server: BenchServer, backlog: int, seconds: int) -> None:
    begun = time.monotonic()
    while (elapsed := time.monotonic() - begun) < seconds:
        print(
            f"| {elapsed:.0f} | {backlog - delivered(_SINK_PORT):,} "
            f"| {server.pss_mib('relay'):.0f} MiB | {server.pss_mib('postgres'):.0f} MiB |"
        )
        time.sleep(max(0.0, min(10.0, seconds - elapsed)))


if __name__ == "__main__":
    main()
