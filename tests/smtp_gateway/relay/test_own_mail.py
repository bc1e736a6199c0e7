"""A verification hears what became of its mail."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from smtp_gateway import own_mail
from smtp_gateway.models import Delivery
from smtp_gateway.queue import Outcome
from tests.smtp_gateway.queued import enqueue
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, relay_process
from tests.smtp_gateway.relay.sending import make_delivery
from verification.models import State, Verification


@pytest.fixture
def verification(db: None) -> Verification:
    return make_verification()


def make_verification() -> Verification:
    return Verification.objects.create(
        mailbox="a@x.test",
        subject="app@example.com",
        link_id="L",
        requested_at=timezone.now(),
        mail_message_id="<1@example.com>",
    )


def problem_after(verification: Verification, name: str, **changes: object) -> str:
    delivery = make_delivery("a@x.test", **{"origin": "system", **changes})
    later = timezone.now() + timedelta(minutes=1) if name == "deferred" else None
    outcome = Outcome(
        delivery,
        name,
        timezone.now(),
        "smarthost",
        reason="It was so.",
        next_attempt_at=later,  # type: ignore[arg-type]
    )
    own_mail.report([outcome])
    verification.refresh_from_db()
    return verification.mail_problem


@pytest.mark.parametrize("name", ["bounced", "expired"])
def test_a_mail_that_failed_says_why(verification: Verification, name: str) -> None:
    assert problem_after(verification, name) == "It was so."
    assert verification.state(timezone.now()) == State.NOT_SENT


def test_a_mail_that_waits_says_so_until_it_is_relayed(verification: Verification) -> None:
    assert problem_after(verification, "deferred") == "It was so."
    assert verification.state(timezone.now()) == State.SENDING
    assert problem_after(verification, "relayed") == ""
    assert verification.state(timezone.now()) == State.SENT


def test_other_mail_with_the_same_message_id_means_nothing(verification: Verification) -> None:
    assert problem_after(verification, "bounced", origin="smtp") == ""


async def test_the_process_tells_the_verification_in_the_same_transaction(
    database: Queue, tmp_path: Path
) -> None:
    def script(verb: str, argument: str) -> str | None:
        return "550 5.1.1 No such user" if verb == "RCPT" else None

    verification = await database.do(make_verification)
    await database.do(enqueue, "a@x.test", origin="system", message_id="<1@example.com>")
    async with ScriptedHop(script).running() as hop:
        url = f"smtp://127.0.0.1:{hop.port}"
        async with relay_process(tmp_path / "log", RELAY_URL=url):
            await database.until(lambda: Delivery.objects.filter(state="bounced").exists(), 15)
    await database.do(verification.refresh_from_db)
    assert verification.mail_problem == (
        f"127.0.0.1:{hop.port} refused this recipient: 550 5.1.1 No such user"
    )
