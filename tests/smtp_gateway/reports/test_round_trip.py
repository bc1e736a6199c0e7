"""From SMTP with DSN parameters over a refusing next hop to the report at the sender's server."""

import ssl

from django.utils import timezone

from senders import services
from smtp_gateway.models import Delivery, DeliveryReport
from smtp_gateway.tasks import make_due_reports
from tests.senders.factories import change_proof, reread
from tests.senders.factories import make_sender as make_bare_sender
from tests.smtp_gateway.relay.next_hop import USUAL, ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay
from tests.smtp_gateway.reports.parsing import parse
from tests.smtp_gateway.submission.talking import APP, MAIL, PASSWORD, as_data, run_gateway


def refuse_those_named_nobody(verb: str, argument: str) -> str | None:
    return "550 5.1.1 No such user" if verb == "RCPT" and "nobody@" in argument else None


def make_proven_sender() -> None:
    sender = make_bare_sender(APP, reply_to="owner@home.example")
    services.set_smtp_password(sender, password=PASSWORD)
    change_proof(sender, link_id="used", confirmed_at=timezone.now())
    assert reread(sender).verified_reply_to == "owner@home.example"


def nothing_waits() -> bool:
    return not Delivery.objects.filter(finished_at=None).exists()


async def test_the_sender_gets_the_report_that_its_application_asked_for(
    database: Queue, tls_context: ssl.SSLContext
) -> None:
    await database.do(make_proven_sender)
    async with (
        run_gateway(tls_context) as gateway,
        ScriptedHop(refuse_those_named_nobody, extensions=USUAL).running() as hop,
        running_relay(hop),
    ):
        replies = await gateway.talk(
            [
                f"MAIL FROM:<{APP}> RET=FULL ENVID=order+2B42",
                "RCPT TO:<ann@home.example> NOTIFY=NEVER",
                "RCPT TO:<bob@home.example> NOTIFY=SUCCESS,FAILURE",
                "RCPT TO:<nobody@home.example> NOTIFY=FAILURE ORCPT=rfc822;sales@home.example",
                "RCPT TO:<nobody@quiet.example> NOTIFY=NEVER",
                "DATA",
                as_data(MAIL),
            ]
        )
        assert replies[-1].startswith("250 ")
        await database.until(nothing_waits)
        await database.do(make_due_reports)
        await database.until(nothing_waits)
        mail, report = hop.taken
    assert mail.recipients == ("ann@home.example", "bob@home.example")
    assert report.mail_command.startswith("FROM:<>")
    assert report.recipients == ("owner@home.example",)
    made = parse(report.content)
    assert made.mail["To"] == "owner@home.example"
    assert made.mail["References"] == "<1@shop.example>"
    assert made.about_mail["original-envelope-id"] == "order+42"
    bob, nobody = sorted(made.recipients, key=lambda told: told["final-recipient"])
    assert (bob["final-recipient"], bob["action"]) == ("rfc822; bob@home.example", "relayed")
    assert (nobody["action"], nobody["status"]) == ("failed", "5.1.1")
    assert nobody["original-recipient"] == "rfc822; sales@home.example"
    assert nobody["diagnostic-code"] == "smtp; 550 5.1.1 No such user"
    assert nobody["remote-mta"] == "dns; [127.0.0.1]"
    assert (made.returned_type, made.returned) == ("message/rfc822", mail.content)


async def test_a_next_hop_that_offers_dsn_reports_success_itself(
    database: Queue, tls_context: ssl.SSLContext
) -> None:
    await database.do(make_proven_sender)
    async with (
        run_gateway(tls_context) as gateway,
        ScriptedHop(refuse_those_named_nobody, extensions=(*USUAL, "DSN")).running() as hop,
        running_relay(hop),
    ):
        lines = [
            f"MAIL FROM:<{APP}>",
            "RCPT TO:<ann@home.example> NOTIFY=SUCCESS,FAILURE",
            "RCPT TO:<nobody@home.example> NOTIFY=SUCCESS,FAILURE",
            "DATA",
            as_data(MAIL),
        ]
        assert (await gateway.talk(lines))[-1].startswith("250 ")
        await database.until(nothing_waits)
    told = await database.do(
        lambda: list(DeliveryReport.objects.values_list("delivery__recipient", "kind"))
    )
    assert told == [("nobody@home.example", "failed")]


async def test_a_report_that_is_refused_ends_there(
    database: Queue, tls_context: ssl.SSLContext
) -> None:
    def refuse_all(verb: str, argument: str) -> str | None:
        return "550 5.1.1 No such user" if verb == "RCPT" else None

    await database.do(make_proven_sender)
    async with (
        run_gateway(tls_context) as gateway,
        ScriptedHop(refuse_all).running() as hop,
        running_relay(hop),
    ):
        assert (await gateway.submit()).startswith("250 ")
        await database.until(nothing_waits)
        for _ in range(2):
            await database.do(make_due_reports)
            await database.until(nothing_waits)
    states = await database.do(lambda: list(Delivery.objects.values_list("state", flat=True)))
    assert states == ["bounced", "bounced"]
    assert await database.do(DeliveryReport.objects.count) == 1
