"""How rules and replies come together, whatever the rules are."""

import time
from datetime import timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from smtp_gateway.relay.classify import RULES, Ending, Fault, Stage, judge
from smtp_gateway.relay.reply import Reply
from smtp_gateway.relay.reply_rules import Category, Phrase, Rule, RuleBook
from smtp_gateway.relay.reply_text import enhanced_status, words, words_of_reply

ONE = Category("one", "recipient", "It is one.", "Do one.")
OTHER = Category("other", "us", "It is other.", "Do other.")
REST = Rule("rest", OTHER)


def phrase(text: str) -> Phrase:
    return Phrase.of(*(words(part) for part in text.split("*")))


def decides(rule: Rule, said: str, stage: Stage = Stage.RCPT) -> bool:
    return RuleBook([rule, REST], [ONE, OTHER]).find(stage, said) is rule


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("550 5.1.1 No", "5.1.1"),
        ("550-5.1.1 No", "5.1.1"),
        ("550 5.7.26", "5.7.26"),
        ("550 #5.1.0 Address rejected.", "5.1.0"),
        ("553 sorry (#5.7.1)", "5.7.1"),
        ("550 No (5.1.1)", "5.1.1"),
        ("550 cuda_nsu 5.4.1 No", "5.4.1"),
        ("550 5.1.1.7 is listed", ""),
        ("550 Postfix 4.2.1 says no", ""),
        ("550", ""),
    ],
)
def test_an_enhanced_code_is_found_where_servers_write_it(text: str, status: str) -> None:
    assert enhanced_status(text) == status


def test_case_punctuation_line_ends_and_codes_do_not_matter() -> None:
    text = str(Reply(550, ("5.1.1 No such", "5.1.1 USER, here!")))
    assert words_of_reply(text, "5.1.1") == " no such user here "


@pytest.mark.parametrize(
    ("wanted", "said", "fits"),
    [
        ("user unknown", "550 User unknown", True),
        ("user unknown", "550 <user>: unknown", True),
        ("user unknown", "550 users unknown", False),
        ("user unknown", "550 unknown user", False),
        ("user * unknown", "550 user unknown", True),
        ("user * unknown", "550 User (a@b.example) is unknown", True),
        ("user * unknown", "550 unknown user", False),
        ("user * unknown", f"550 user {'x ' * 10}unknown", True),
        ("user * unknown", f"550 user {'x ' * 11}unknown", False),
        ("user * unknown", f"550 user {'x ' * 11} user x unknown", True),
        ("a * b * c", "550 a x b y c", True),
        ("a * b * c", "550 a c b", False),
        ("doesn't exist", "550 it DOESN'T EXIST.", True),
    ],
)
def test_a_phrase_is_words_in_a_row(wanted: str, said: str, fits: bool) -> None:
    assert decides(Rule("rule", ONE, says=(phrase(wanted),)), said) == fits


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (Rule("rule", ONE, codes=frozenset({"550"})), True),
        (Rule("rule", ONE, codes=frozenset({"5yz"})), True),
        (Rule("rule", ONE, codes=frozenset({"554", "4yz"})), False),
        (Rule("rule", ONE, enhanced=frozenset({"5.1.1"})), True),
        (Rule("rule", ONE, enhanced=frozenset({"x.1.1"})), True),
        (Rule("rule", ONE, enhanced=frozenset({"x.1.x"})), True),
        (Rule("rule", ONE, enhanced=frozenset({"x.1.10", "4.1.1"})), False),
        (Rule("rule", ONE, not_enhanced=frozenset({"5.1.1"})), False),
        (Rule("rule", ONE, not_enhanced=frozenset({"5.7.1"})), True),
        (Rule("rule", ONE, stages=frozenset({Stage.RCPT})), True),
        (Rule("rule", ONE, stages=frozenset({Stage.DATA})), False),
        (Rule("rule", ONE, codes=frozenset({"550"}), stages=frozenset({Stage.DATA})), False),
        (Rule("rule", ONE, codes=frozenset({"550"}), says=(phrase("no"),)), True),
        (Rule("rule", ONE, codes=frozenset({"554"}), says=(phrase("no"),)), False),
    ],
)
def test_all_conditions_of_a_rule_have_to_fit(rule: Rule, fits: bool) -> None:
    assert decides(rule, "550 5.1.1 No") == fits


def test_the_first_rule_that_fits_decides() -> None:
    first = Rule("first", ONE, says=(phrase("no such user"),))
    second = Rule("second", OTHER, says=(phrase("no"), phrase("user")))
    book = RuleBook([first, second, REST], [ONE, OTHER])
    assert book.find(Stage.RCPT, "550 no such user") is first
    assert book.find(Stage.RCPT, "550 no user") is second
    book = RuleBook([second, first, REST], [ONE, OTHER])
    assert book.find(Stage.RCPT, "550 no such user") is second
    assert book.find(Stage.RCPT, "550 gone") is REST


LINES = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n"), max_size=200
)
SAID = st.lists(
    st.sampled_from(
        [
            *sorted({part for rule in RULES.rules for p in rule.says for part in p.parts}),
            *("5.1.1 ", "5.7.1 ", "try again in 300 seconds", "192.0.2.7", "<a@b.example>"),
        ]
    ),
    max_size=12,
).map(" ".join)


@settings(deadline=None)
@given(stage=st.sampled_from(Stage), code=st.integers(200, 599), line=LINES | SAID)
def test_no_reply_upsets_the_rules(stage: Stage, code: int, line: str) -> None:
    verdict = judge(Ending(stage, Reply(code, (line,))), "hop:25")
    assert verdict.category in {"", *RULES.categories}
    assert (verdict.category == "") == (verdict.name == "relayed")
    assert verdict.retry_after is None or verdict.name == "deferred"


@settings(deadline=None)
@given(stage=st.sampled_from(Stage), code=st.integers(400, 499), line=LINES | SAID)
def test_a_4yz_never_bounces(stage: Stage, code: int, line: str) -> None:
    assert judge(Ending(stage, Reply(code, (line,))), "hop:25").name == "deferred"


@settings(deadline=None)
@given(line=SAID, kind=st.sampled_from([550, 551, 553, 554]))
def test_a_5yz_is_either_deferred_by_its_category_or_bounced(line: str, kind: int) -> None:
    verdict = judge(Ending(Stage.RCPT, Reply(kind, (line,))), "hop:25")
    is_deferred = RULES.categories[verdict.category].is_deferred
    assert verdict.name == ("deferred" if is_deferred else "bounced")
    assert not (verdict.fault == "recipient" and is_deferred)


@settings(deadline=None)
@given(line=LINES)
def test_a_5yz_about_a_mailbox_is_the_recipients(line: str) -> None:
    known = {word for rule in RULES.rules for p in rule.says for word in "".join(p.parts).split()}
    assume(not known & set(words(line).split()))
    reply = Reply(550, (f"5.1.1 {line}", "5.1.1 User unknown"))
    verdict = judge(Ending(Stage.RCPT, reply), "hop:25")
    assert (verdict.category, verdict.fault) == ("no-such-mailbox", "recipient")
    assert verdict.name == "bounced"


def long_texts() -> list[str]:
    gaps = [p for rule in RULES.rules for p in rule.says if len(p.parts) > 1]
    starts = ["".join(p.parts[:-1]) for p in gaps]
    return [(start * 2000)[:2000] for start in dict.fromkeys(starts)]


def test_the_longest_text_takes_time_by_its_length_only() -> None:
    texts = [*long_texts(), "a " * 1000, "x" * 2000, "1." * 1000, "(#" * 1000, "_" * 2000]
    started = time.process_time()
    for text in texts:
        judge(Ending(Stage.RCPT, Reply(550, (text,))), "hop:25")
    assert (time.process_time() - started) / len(texts) < 0.01


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_has_a_category_of_its_own_name(fault: Fault) -> None:
    verdict = judge(Ending(Stage.CONNECT, fault=fault), "hop:25")
    assert verdict.category == verdict.reason_code == fault.value
    assert verdict.advice.endswith(".")


@pytest.mark.parametrize(
    ("stage", "code", "line", "wait"),
    [
        (Stage.RCPT, 450, "Greylisted, try again in 300 seconds", timedelta(minutes=5)),
        (Stage.RCPT, 450, "Greylisted", None),
        (Stage.RCPT, 550, "5.1.1 Unknown user, try again in 300 seconds", None),
        (Stage.RCPT, 554, "Client host blocked using bl.example", timedelta(hours=1)),
        (Stage.RCPT, 421, "Your IP is blacklisted; wait 2 hours", timedelta(hours=2)),
        (Stage.GREETING, 421, "Busy, retry after 15 minutes", timedelta(minutes=15)),
        (Stage.FINAL_DOT, 250, "Taken; try again in 5 minutes", None),
    ],
)
def test_the_wait_is_the_replys_or_the_categorys(
    stage: Stage, code: int, line: str, wait: timedelta | None
) -> None:
    assert judge(Ending(stage, Reply(code, (line,))), "hop:25").retry_after == wait


def test_a_5yz_about_our_ip_is_tried_again_and_not_the_recipients_fault() -> None:
    reply = Reply(554, ("5.7.1 Client host [192.0.2.7] blocked using bl.example",))
    verdict = judge(Ending(Stage.RCPT, reply), "hop:25")
    assert (verdict.name, verdict.reason_code) == ("deferred", "next-hop-deferred")
    assert (verdict.category, verdict.fault) == ("our-ip-blocked", "us")
    assert verdict.reason == (
        "hop:25 refused, but not because of this mail; it is tried again: 554 5.7.1 Client host"
        " [192.0.2.7] blocked using bl.example"
    )
