"""The rules as this installation sets them."""

from django.conf import settings

from senders.suppressions.rules import SuppressionRules


def rules_in_force() -> SuppressionRules:
    return SuppressionRules(
        hard_bounce_time=settings.SUPPRESSION_HARD_BOUNCE_TIME,
        complaint_scope=settings.SUPPRESSION_COMPLAINT_SCOPE,
        soft_days=settings.SUPPRESSION_SOFT_BOUNCES,
        soft_time=settings.SUPPRESSION_SOFT_TIME,
    )
