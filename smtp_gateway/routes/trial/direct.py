"""Tests direct delivery: which mail servers a domain has, and how one of them answers."""

import functools
import secrets
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from smtp_gateway.bridge import Bridge
from smtp_gateway.relay.mx.delivery import DirectDelivery
from smtp_gateway.relay.mx.mail_hosts import MailHosts, find_mail_hosts
from smtp_gateway.relay.next_hop import NextHop
from smtp_gateway.relay.routing import RouteSpec
from smtp_gateway.relay.session import Session, Timeouts
from smtp_gateway.routes.trial.direct_finding import direct_finding
from smtp_gateway.routes.trial.trial import TIMEOUTS, Tell, Trial

_NAMED_HOSTS = 5
_STATEMENT_TIMEOUT = timedelta(seconds=5)
_chance = secrets.SystemRandom()


def direct_trial(
    spec: RouteSpec,
    *,
    domain: str,
    mail_from: str,
    recipient: str,
    timeouts: Timeouts = TIMEOUTS,
) -> Trial:
    """A test with `domain`, a name in A-labels; with a recipient there, it is asked about."""

    async def open_it(timeouts: Timeouts, tell: Tell) -> Session:
        # MTA-STS policies are read from the database, and kept there, as by the relay.
        bridge = Bridge(database_threads=1, statement_timeout=_STATEMENT_TIMEOUT)
        try:
            direct = DirectDelivery(bridge, timeouts)
            hosts = await find_mail_hosts(
                direct.resolver, domain, our_name=settings.SMTP_HOSTNAME, chance=_chance
            )
            tell(_hosts_words(domain, hosts))
            opener = direct.opener(source_ipv4=spec.source_ipv4, source_ipv6=spec.source_ipv6)
            return await opener.open(domain)
        finally:
            bridge.close()

    return Trial(
        hop=NextHop(domain, settings.MX_PORT),
        beginning=_("Looking up the mail servers of %(domain)s.") % {"domain": domain},
        open=open_it,
        mail_from=mail_from,
        recipient=recipient,
        timeouts=timeouts,
        judge=functools.partial(direct_finding, domain),
    )


def _hosts_words(domain: str, hosts: MailHosts) -> str:
    if hosts.is_implicit:
        return _("%(domain)s has no MX record, so it is tried itself.") % {"domain": domain}
    named, more = hosts.names[:_NAMED_HOSTS], len(hosts.names) - _NAMED_HOSTS
    names = pgettext("between the parts of a list", ", ").join(named)
    if more < 1:
        words = _("Its mail servers, in the order they are tried: %(names)s.")
        return words % {"names": names}
    words = ngettext(
        "Its mail servers, in the order they are tried: %(names)s and %(count)s more.",
        "Its mail servers, in the order they are tried: %(names)s and %(count)s more.",
        more,
    )
    return words % {"names": names, "count": more}
