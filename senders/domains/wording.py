"""The words for what checks of domains find: records, their states, what is wrong with them."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from senders.domains.finding import Finding

Words = str | Promise

TITLES: dict[str, Words] = {
    "ownership": gettext_lazy("Ownership"),
    "dkim": gettext_lazy("DKIM key %(selector)s"),
    "return-path": gettext_lazy("Return path"),
    "return-path-spf": gettext_lazy("SPF of the return path"),
    "spf": gettext_lazy("SPF of the domain"),
    "dmarc": gettext_lazy("DMARC"),
}
PURPOSES: dict[str, Words] = {
    "ownership": gettext_lazy("Shows that whoever sends as this domain decides about its DNS."),
    "dkim": gettext_lazy("Lets receivers verify the signature that DirectMail puts on each mail."),
    "return-path": gettext_lazy("Leads reports about mail that could not be delivered back here."),
    "return-path-spf": gettext_lazy("Lets in the servers that mail with this return path is from."),
    "spf": gettext_lazy("Lets in the servers that mail of this domain comes from."),
    "dmarc": gettext_lazy(
        "Tells receivers what to do with mail that neither DKIM nor SPF proves to be yours. Begin "
        "with p=none, which changes nothing."
    ),
}
REQUIRED, EITHER, ADVISED = (
    gettext_lazy("Required"),
    gettext_lazy("Required: one key, or SPF"),
    gettext_lazy("Advised"),
)
NEEDS: dict[str, Words] = {"ownership": REQUIRED, "dkim": EITHER}
"""What is not among them is advised."""
STATES: dict[str, tuple[str, str, Words]] = {
    "found": ("ok", "circle-check", pgettext_lazy("DNS record", "Found")),
    "missing": ("wait", "circle-dashed", pgettext_lazy("DNS record", "Missing")),
    "wrong": ("bad", "circle-x", pgettext_lazy("DNS record", "Wrong")),
    "unknown": ("muted", "circle-help", gettext_lazy("No answer")),
    "unchecked": ("muted", "circle-dashed", gettext_lazy("Not checked yet")),
}
"""Kind and icon of the badge, and its word."""
PROBLEMS: dict[str, Words] = {
    "no-answer-silent": gettext_lazy(
        "The DNS servers do not answer in time. What was known before still counts."
    ),
    "no-answer-servfail": gettext_lazy(
        "The DNS servers report a failure (SERVFAIL), or cannot be reached. What was known before "
        "still counts."
    ),
    "no-answer-failed": gettext_lazy(
        "What the DNS servers answered cannot be read. What was known before still counts."
    ),
    "nothing-there": gettext_lazy("There is no such record. It can take minutes to be seen."),
    "doubled-name": gettext_lazy(
        "The record stands at %(name)s: your DNS provider adds the domain by itself. Enter only "
        "the host part of the name."
    ),
    "backslashes": gettext_lazy(
        "There are backslashes in front of the semicolons. Your DNS provider adds them where they "
        "are needed: enter the value without."
    ),
    "quotes": gettext_lazy(
        "The quotation marks have become a part of the value. Enter it without them."
    ),
    "several": gettext_lazy("There are several records at this name, so none counts. Keep one."),
    "several-spf": gettext_lazy(
        "There are several SPF records at this name, which is an error for every receiver. Make "
        "one of them."
    ),
    "other-token": gettext_lazy("The record is there, but with another value."),
    "not-a-key": gettext_lazy("What stands there is no DKIM key."),
    "key-revoked": gettext_lazy("The record has no key in it (p= is empty): it is revoked."),
    "other-key": gettext_lazy("Another key stands there. Replace it by this one."),
    "key-cut": gettext_lazy(
        "The key was cut off, as forms do that take 255 characters at a time. Enter the value in "
        "strings."
    ),
    "other-kind-of-key": gettext_lazy("The record names another algorithm (k=) than the key has."),
    "key-not-for-mail": gettext_lazy("The record says that the key is not for mail (s=)."),
    "key-without-sha256": gettext_lazy("The record does not allow SHA-256 (h=)."),
    "not-spf": gettext_lazy("The record cannot be read as SPF: it has to begin with v=spf1."),
    "spf-lacks": gettext_lazy(
        "The record does not let in %(about)s. Replace it by what is wanted, which keeps what is "
        "there."
    ),
    "spf-unreadable": gettext_lazy("“%(about)s” in the record cannot be read."),
    "spf-too-many-look-ups": gettext_lazy(
        "The record needs more than 10 look-ups with all that it includes, which is an error for "
        "every receiver. Include less."
    ),
    "spf-include-without-record": gettext_lazy(
        "The record includes %(about)s, which has no SPF record, or several. That is an error for "
        "every receiver."
    ),
    "other-mail-host": gettext_lazy("Mail to this host goes elsewhere, so reports are lost."),
    "mail-host-second": gettext_lazy(
        "Another host, %(about)s, is preferred (a lower number comes first), so reports are lost."
    ),
    "not-dmarc": gettext_lazy("The record cannot be read as DMARC: it has to begin with v=DMARC1;"),
    "dmarc-no-policy": gettext_lazy(
        "The record names no policy that exists (none, quarantine, reject), so it does nothing."
    ),
}
_POLICIES: dict[str, Words] = {
    "none": gettext_lazy("By the record of %(domain)s, receivers treat mail that fails as usual."),
    "quarantine": gettext_lazy(
        "By the record of %(domain)s, receivers put mail that fails into the spam folder."
    ),
    "reject": gettext_lazy("By the record of %(domain)s, receivers refuse mail that fails."),
}
IDLE_RETURN_PATH = gettext_lazy(
    "It is not used yet, since mail that left with it would fail DMARC: publish a DKIM key, or the "
    "SPF record of the return path where alignment lets it count."
)
PASSING: dict[bool | None, tuple[str, Words]] = {
    True: ("ok", pgettext_lazy("DMARC", "Passes")),
    False: ("bad", pgettext_lazy("DMARC", "Does not pass")),
    None: ("muted", gettext_lazy("Not known")),
}
"""Kind of the badge, and its word."""
IDENTITIES: dict[str, Words] = {
    "dkim": gettext_lazy("Domain of the DKIM signature"),
    "return-path": gettext_lazy("Return path (checked by SPF)"),
}


def title_of(finding: Finding) -> str:
    return str(TITLES[finding.kind]) % {"selector": finding.selector}


def problem_of(finding: Finding) -> str:
    """What is wrong, and what to do; empty: nothing is."""
    words = PROBLEMS.get(finding.problem)
    return finding.problem if words is None else str(words) % finding.facts


def note_of(finding: Finding) -> str:
    """What a record that is there means; empty: nothing that is not said anyway."""
    words = _POLICIES.get(finding.facts.get("policy", "")) if finding.is_found else None
    return "" if words is None else str(words) % finding.facts


def advice_for_author(domain: str, *, is_aligned: bool) -> str:
    """What mail from `domain`, below the one that was added, needs so that it passes DMARC."""
    if is_aligned:
        return _("Publish the DKIM keys, and mail of %(domain)s passes by its signature.") % {
            "domain": domain
        }
    return _(
        "Alignment is strict: mail of %(domain)s needs keys of its own. Add it as a domain and "
        "publish its records, or relax adkim in the DMARC record."
    ) % {"domain": domain}


def lacks_in_words(*, owns: bool | None, signs: bool | None, spf_aligned: bool | None) -> str:
    """What a domain that is not proven needs; empty: nothing that is known."""
    authenticated = signs or spf_aligned
    if owns is False and not authenticated:
        return _(
            "The ownership record and a DKIM key have to be found; SPF can stand in for the key."
        )
    if owns is False:
        return _("The ownership record has to be found.")
    if signs is False and spf_aligned is False:
        return _("A DKIM key has to be found; SPF can stand in for it.")
    return ""
