"""The forms of the sentences that are recorded of mail and of sessions. Pure.

The relay and the gateway write English, into the database and into logs, and know no language of
any reader. A form is such a sentence with a name for each part that differs: the console finds the
form of a recorded sentence and shows that in the language of the page. What has no form here is
shown as it was recorded.
"""

from collections.abc import Sequence

from smtp_gateway.marking import translatable
from smtp_gateway.recorded.causes import CAUSES

_NEXT_HOPS: Sequence[str] = (
    translatable("%(hop)s refused to start TLS: %(reply)s"),
    translatable("%(hop)s refused our log-in; check user and password of its route: %(reply)s"),
    translatable("%(hop)s gave an answer that does not fit %(doing)s: %(reply)s"),
    translatable("%(hop)s does not talk to us now: %(reply)s"),
    translatable("%(hop)s does not take the mail now: %(reply)s"),
    translatable("%(hop)s refused, but not because of this mail; it is tried again: %(reply)s"),
    translatable("%(hop)s refused this sender: %(reply)s"),
    translatable("%(hop)s refused this recipient: %(reply)s"),
    translatable("%(hop)s refused this mail: %(reply)s"),
    translatable(
        "%(hop)s gave no answer to the complete mail; it may have taken it already, so the"
        " recipient may get it twice."
    ),
    translatable(
        "%(hop)s gave no answer to the complete mail that is SMTP; it may have taken it already,"
        " so the recipient may get it twice."
    ),
    translatable(
        "The relay was stopped before %(hop)s answered the complete mail; it may have taken it"
        " already, so the recipient may get it twice."
    ),
    translatable("%(hop)s cannot be reached: %(detail)s."),
    translatable("%(hop)s cannot be reached."),
    translatable("%(hop)s closed the connection while %(doing)s."),
    translatable("%(hop)s gave no answer in time while %(doing)s."),
    translatable("%(hop)s does not speak SMTP as it should: %(detail)s."),
    translatable("%(hop)s does not speak SMTP as it should."),
    translatable("No TLS connection to %(hop)s: %(detail)s."),
    translatable("No TLS connection to %(hop)s."),
    translatable("Cannot log in to %(hop)s: %(detail)s."),
    translatable("Cannot log in to %(hop)s."),
    translatable("%(hop)s does not take addresses or headers outside ASCII (5.6.7)."),
)
_DNS: Sequence[str] = (
    translatable("There is no domain %(domain)s (5.1.2)."),
    translatable("%(domain)s takes no mail: its null MX record says so (5.1.10)."),
    translatable("The MX records of %(domain)s name no host that can be looked up."),
    translatable(
        "The MX records of %(domain)s lead back to this server (%(host)s); mail would loop."
    ),
    translatable("Nobody knows the MTA-STS policy of %(domain)s while the database is away."),
    translatable("The mail servers of %(domain)s cannot be looked up: %(detail)s."),
    translatable("The addresses of %(host)s cannot be looked up: %(detail)s."),
    translatable("The TLSA records of %(host)s cannot be looked up: %(detail)s."),
    translatable("%(host)s has no address that another machine can have."),
    translatable("%(domain)s has neither a mail server nor an address (5.1.2)."),
    translatable("%(host)s, which takes mail for %(domain)s, has no address."),
    translatable("%(hop)s takes no mail."),
    translatable("%(hop)s does not exist."),
    translatable("%(hop)s cannot be looked up."),
)
_DOING: Sequence[str] = (
    translatable("connecting"),
    translatable("waiting for its greeting"),
    translatable("waiting for its answer to the complete mail"),
    translatable("answering %(command)s"),
)
_DETAILS: Sequence[str] = (
    translatable("no answer within %(seconds)s seconds"),
    translatable("DNS failed (%(cause)s)"),
    translatable("the DNS servers do not answer in time"),
    translatable("the DNS servers report a failure (SERVFAIL) or cannot be reached"),
    translatable("it offers no STARTTLS, and its route requires it"),
    translatable("it offers no STARTTLS, and %(who)s requires it"),
    translatable("%(detail)s, and %(who)s requires it"),
    translatable("it offers neither AUTH PLAIN nor AUTH LOGIN, and its route has a user"),
    translatable(
        "its route has a password, and the connection is not protected; choose TLS from the"
        " start, or a server that offers STARTTLS"
    ),
    translatable("DANE for %(host)s"),
    translatable("the MTA-STS policy of %(domain)s"),
    translatable("its route"),
    translatable("it refused to start TLS (%(reply)s)"),
    translatable("its certificate is not trusted (%(cause)s)"),
    translatable("it showed no certificate"),
    translatable("its certificate is not one that its TLSA records name"),
    translatable("its certificate is not as its TLSA records say (%(cause)s)"),
    translatable("its certificates cannot be read"),
    translatable("its certificate is another than the one in TLS_CERT_FILE"),
    translatable("its certificate is not for %(host)s"),
    translatable("the MTA-STS policy of %(domain)s does not name it"),
)
_KEPT_HERE: Sequence[str] = (
    translatable("Kept in the local mailbox by the route “%(route)s”."),
    translatable("Kept in the local mailbox: RELAY_URL is not set."),
    translatable(
        "Kept in the local mailbox: RELAY_URL is not set, and nobody has verified the domain"
        " %(domain)s yet."
    ),
    translatable("Kept in the local mailbox: nobody has verified the domain %(domain)s yet."),
    translatable("Kept in the local mailbox: %(address)s has no verified reply-to address."),
)
_WAITING: Sequence[str] = (
    translatable("The route “%(route)s” cannot be used: %(why)s"),
    translatable("The route to %(hop)s was changed, and is looked up again."),
    translatable("Other relays have all connections that may be open to %(hop)s."),
    translatable("%(hop)s is left alone for a while. %(why)s"),
    translatable("Given up: its lifetime is over. %(why)s"),
    translatable("Given up: its lifetime is over."),
    translatable("The relay was stopped during this attempt; the mail is tried again."),
    translatable("The relay failed in a way nobody foresaw; its log has the cause."),
    translatable("The relay stopped during an attempt; the mail is tried again."),
    translatable(
        "The relay stopped during this attempt. The next hop may have taken the mail already, so"
        " the recipient may get it twice."
    ),
    translatable(
        "The relay stopped %(number)s times with this mail in hand, so it is not tried again by"
        " itself. It can be released here in the mail log."
    ),
)
_STOPPED: Sequence[str] = (
    translatable(
        "Not sent: since %(day)s no mail goes to the domain %(domain)s: %(why)s (%(status)s)."
    ),
    translatable("Not sent: since %(day)s no mail goes to %(recipient)s: %(why)s (%(status)s)."),
    translatable("mail to it bounced (%(reply)s)"),
    translatable("mail to it bounced"),
    translatable("the recipient complained of mail as spam"),
    translatable("the recipient opted out"),
    translatable("somebody suppressed it by hand"),
    translatable("mail to it failed on several days; it can be tried again on %(day)s"),
    translatable("mail to it failed on several days"),
)
_RETURNED: Sequence[str] = (
    translatable("A mail server reported later: %(reply)s"),
    translatable("%(host)s reported later: %(reply)s"),
)
_BY_HAND: Sequence[str] = (
    translatable("Retry asked for by %(operator)s."),
    translatable("Cancelled by %(operator)s."),
    translatable("Released by %(operator)s."),
    translatable("Sent again by %(operator)s."),
)
_SESSIONS: Sequence[str] = (
    translatable("The client closed the connection."),
    translatable("The client began a TLS handshake where a command was expected."),
    translatable("The client began no TLS handshake, which comes first on this port."),
    translatable("The connection ended before the end of the mail, %(count)s bytes in."),
    translatable("TLS handshake failed: %(detail)s"),
    translatable("TLS is on: %(tls)s"),
    translatable("The proxy %(proxy)s speaks for %(client)s."),
    translatable("the client took too long"),
    translatable("the client closed the connection"),
)
_ROUTES: Sequence[str] = (
    translatable(
        "Its password was encrypted under another SECRET_KEY. Enter it again on the Routes page,"
        " or list the former key in SECRET_KEY_FALLBACKS."
    ),
    translatable("RELAY_URL names no host, as in smtp://mail.example.com:25."),
    translatable("RELAY_URL has a password and no user."),
    translatable("RELAY_URL must start with smtp:// or smtps://."),
    translatable("RELAY_URL has a port that is no number from 1 to 65535."),
    translatable(
        "RELAY_URL has letters in the wrong place: percent-encode those of user and password, `#`"
        " as %%23, `@` as %%40, `/` as %%2F, `?` as %%3F, `%%` as %%25."
    ),
    translatable(
        "RELAY_URL can end in ?starttls=required or ?starttls=never where it starts with smtp://,"
        " and in nothing else."
    ),
    translatable("“%(word)s” is an address, and a domain is wanted: write %(domain)s."),
    translatable("“%(word)s” is an address, and a domain is wanted."),
    translatable(
        "“%(word)s” is no domain. Write it as in example.com, or *.example.com for all domains"
        " below it."
    ),
    translatable("For every domain leave the field empty."),
    translatable("There are %(number)s domains; at most %(most)s can be used."),
)
FORMS: Sequence[str] = (
    *_BY_HAND, *_KEPT_HERE, *_WAITING, *_NEXT_HOPS, *_DNS, *_DOING, *_DETAILS, *_SESSIONS, *_ROUTES,
    *_STOPPED, *_RETURNED, *CAUSES,
)  # fmt: skip
"""The first that fits a sentence is its form."""
