"""What a process counts, and the snapshot that it gives of it."""

import json

from smtp_gateway.submission.metrics import ACCEPT_SECONDS, Histogram, Metrics


def test_a_value_on_a_bound_belongs_to_it_and_one_above_all_to_the_last_bucket() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 2.0, 9.0):
        histogram.observe(value)
    assert histogram.numbers() == [2, 2, 1, 14.0]


def test_open_sessions_follow_their_tls() -> None:
    metrics = Metrics()
    for _ in range(2):
        metrics.session_opened("none")
    metrics.session_opened("implicit")
    metrics.session_upgraded()
    assert metrics.snapshot()["gauges"]["open_sessions"] == {
        "none": 1,
        "starttls": 1,
        "implicit": 1,
    }
    metrics.session_closed("starttls")
    metrics.session_closed("none")
    assert metrics.snapshot()["gauges"]["open_sessions"] == {
        "none": 0,
        "starttls": 0,
        "implicit": 1,
    }
    assert metrics.snapshot()["counters"]["sessions"] == {"none": 2, "implicit": 1}


def test_log_ins_are_told_apart() -> None:
    metrics = Metrics()
    metrics.log_in(0.03, is_right=True)
    metrics.log_in(0.0001, is_right=True, was_remembered=True)
    metrics.log_in(0.04, is_right=False)
    taken = metrics.snapshot()
    assert taken["counters"]["log_ins"] == {"verified": 1, "remembered": 1, "refused": 1}
    assert sum(taken["histograms"]["auth_seconds"][:-1]) == 3


def test_a_snapshot_is_a_copy_that_json_carries() -> None:
    metrics = Metrics()
    metrics.replies[250] += 2
    metrics.refused("from-not-sender")
    metrics.mail_accepted(0.004, size_bytes=1000, recipients=3)
    metrics.batch_committed(7)
    before = metrics.snapshot()
    metrics.replies[250] += 1
    metrics.refused("from-not-sender")
    assert json.loads(json.dumps(before)) == before
    counters = before["counters"]
    assert counters["replies"] == {"250": 2}
    assert counters["refusals"] == {"from-not-sender": 1}
    assert (counters["mails"], counters["recipients"]) == ({"": 1}, {"": 3})
    assert counters["mail_bytes"] == {"": 1000}
    accepted = before["histograms"]["accept_seconds"]
    assert accepted[ACCEPT_SECONDS.index(0.005)] == 1
    assert accepted[-1] == 0.004
