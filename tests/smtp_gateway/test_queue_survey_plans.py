"""The look at the queue reads what waits, however long the history is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from smtp_gateway import queue_survey
from smtp_gateway.models import Delivery, DeliveryState
from tests.smtp_gateway.plans import fill_history, rows_read_by

pytestmark = pytest.mark.django_db


def test_what_waits_is_found_by_index() -> None:
    fill_history()
    waiting = Delivery.objects.filter(state=DeliveryState.QUEUED).count()
    with CaptureQueriesContext(connection) as queries:
        found = queue_survey.survey()
    assert sum(row.number for row in found.waiting) == waiting
    asked = [each["sql"] for each in queries if "smtp_gateway_delivery" in each["sql"]]
    # Each waiting row, its entry in an index and its message, and the count before.
    assert 0 < sum(rows_read_by(statement) for statement in asked) < 6 * waiting
