"""Server time of a sender address's page where nearly all of a million mails are its own.

In one process, through every middleware and template, with PostgreSQL on the same machine.
"""

import argparse

from django.db import connection
from django.utils.module_loading import import_string

from bench.console_filling import fill_console
from bench.console_pages import Measured, console, print_pages
from bench.queue_tables import bench_queue

_BUSY, _RARE, _SILENT = "s0@d0.test", "s1@d1.test", "s2@d2.test"
# Nine hundred and ninety-nine of a thousand, and the rest.
_HAND_OVER = """
UPDATE smtp_gateway_message SET sender_address = CASE WHEN id %% 1000 = 0 THEN %s ELSE %s END
"""
_SESSIONS = "UPDATE smtp_gateway_smtpsession SET sender_address = %s WHERE id %% 3 > 0"
_REASONS = """
UPDATE smtp_gateway_attempt SET category = (ARRAY[
    'no-such-mailbox', 'mailbox-full', 'spam-content', 'policy', 'our-ip-blocked',
    'domain-does-not-exist', 'recipient-refused'])[1 + id % 7]
WHERE outcome <> 'relayed'
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=40)
    options = parser.parse_args()
    with bench_queue():
        fill_console(options.mails)
        _hand_over()
        pages = [
            _page("of nearly all mails", _BUSY),
            _page("of one in a thousand", _RARE),
            _page("of none", _SILENT),
        ]
        print_pages(console(), pages, options.runs)


def _hand_over() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_HAND_OVER, [_RARE, _BUSY])
        cursor.execute(_SESSIONS, [_BUSY])
        cursor.execute(_REASONS)
        # Models are there only now.
        import_string("smtp_gateway.rollups.rolling.catch_up")(seconds=3600)
        cursor.execute("VACUUM (ANALYZE)")


def _page(name: str, address: str) -> Measured:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM senders_senderaddress WHERE address = %s", [address])
        ((pk,),) = cursor.fetchall()
    return Measured(f"Sender address {name}", f"/sender-addresses/{pk}/")


if __name__ == "__main__":
    main()
