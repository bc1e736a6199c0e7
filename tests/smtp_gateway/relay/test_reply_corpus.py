"""Every reply of the corpus means what is written beside it, and is judged fast enough."""

import time

import pytest

from smtp_gateway.relay.classify import RULES, Ending, Stage, judge
from tests.smtp_gateway.relay.reply_corpus import Example, examples

EXAMPLES = examples()
REFUSALS = [e for e in EXAMPLES if e.reply.kind in (4, 5) and e.stage.name in ("MAIL", "RCPT")]
DATA_REFUSALS = [
    e for e in EXAMPLES if e.reply.kind in (4, 5) and e.stage in (Stage.DATA, Stage.FINAL_DOT)
]


def test_there_are_replies_enough() -> None:
    assert len(EXAMPLES) > 450


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.place)
def test_a_reply_means_what_the_corpus_says(example: Example) -> None:
    verdict = judge(Ending(example.stage, example.reply), "hop:25")
    assert (verdict.category, verdict.fault) == (example.category, example.fault)
    assert verdict.advice.endswith(".")
    assert str(example.reply) in verdict.reason


@pytest.mark.parametrize("example", REFUSALS + DATA_REFUSALS, ids=lambda example: example.place)
def test_a_5yz_bounces_unless_it_is_about_us_or_the_moment(example: Example) -> None:
    verdict = judge(Ending(example.stage, example.reply), "hop:25")
    is_old_limit = example.stage is Stage.RCPT and example.reply.code == 552
    is_later = RULES.categories[verdict.category].is_deferred or is_old_limit
    is_log_in = verdict.reason_code == "next-hop-auth-failed"
    is_deferred = example.reply.kind == 4 or is_later or is_log_in
    assert verdict.name == ("deferred" if is_deferred else "bounced")


@pytest.mark.parametrize(
    "example",
    [e for e in EXAMPLES if e.fault == "recipient" and e.reply.kind == 5 and e.reply.code != 552],
    ids=lambda example: example.place,
)
def test_what_counts_against_a_recipient_is_not_tried_for_days(example: Example) -> None:
    assert judge(Ending(example.stage, example.reply), "hop:25").name == "bounced"


def test_every_rule_is_the_one_for_some_reply() -> None:
    deciding = {RULES.find(example.stage, str(example.reply)).name for example in EXAMPLES}
    assert {rule.name for rule in RULES.rules} - deciding == set()


def test_a_refusal_costs_less_than_50_microseconds() -> None:
    endings = [Ending(example.stage, example.reply) for example in EXAMPLES]

    def microseconds() -> float:
        RULES.find.cache_clear()
        started = time.process_time()
        for ending in endings:
            judge(ending, "hop:25")
        return (time.process_time() - started) / len(endings) * 1e6

    assert min(microseconds() for _ in range(5)) < 50
