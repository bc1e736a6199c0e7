from datetime import timedelta

import pytest
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.models import *
from smtp_gateway.queue_id import new_queue_id


@pytest.mark.django_db
def test_round():
    now = timezone.now()
    subs = [
        queue.Submission(
            queue_id=new_queue_id(),
            origin="smtp",
            mail_type="trigger",
            sender_address="a@b.c",
            mail_from="a@b.c",
            recipients=["x@y.z", "q@y.z"],
            content=b"hi\0",
            accepted_at=now,
            expires_at=now + timedelta(days=1),
        )
        for _ in range(3)
    ]
    queue.accept(subs)
    assert Delivery.objects.count() == 6
    r = queue.register_relay(host="h", pid=1)
    ds = queue.lease(relay_id=r, lane="trigger", limit=100)
    assert len(ds) == 6
    assert queue.heartbeat(relay_id=r)
    o = [queue.Outcome(d, "relayed", now, "mailbox", keep_in_mailbox=True) for d in ds[:2]] + [
        queue.Outcome(ds[2], "deferred", now, "mailbox", next_attempt_at=now + timedelta(seconds=9))
    ]
    assert len(queue.record(relay_id=r, outcomes=o)) == 3
    assert CaughtMail.objects.get().recipients == "q@y.z\nx@y.z"
    assert queue.free_leases_of_dead(silent_for=timedelta(seconds=10)) == 0
    assert queue.free_leases_of_dead(silent_for=timedelta(seconds=10), gone=[r]) == 3
    assert not queue.heartbeat(relay_id=r)
    assert queue.contents([ds[0].message_id]) == {ds[0].message_id: b"hi\0"}
