"""The table of the audit log. `senders.models` hands it to Django."""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models import Q

from senders.audit.acting import ActorKind

MAX_NAME_LENGTH, MAX_LABEL_LENGTH = 320, 400


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Filters on entries of the audit log."""

    def of_object(self, kind: str, key: str) -> "AuditEntryQuerySet":
        """The history of one object."""
        return self.filter(object_kind=kind, object_key=key)

    def by_operator(self, name: str) -> "AuditEntryQuerySet":
        return self.filter(actor=name, actor_kind=ActorKind.OPERATOR)

    def matching(self, text: str) -> "AuditEntryQuerySet":
        """Those whose object, actor or client address contains `text`."""
        return self.filter(
            Q(object_label__icontains=text)
            | Q(actor__icontains=text)
            | Q(client_address__startswith=text)
        )


# Jumps from name to name: entries are thousands to each, and DISTINCT reads all of them.
_OPERATORS = """
WITH RECURSIVE name(actor) AS (
    SELECT min(actor) FROM senders_auditentry WHERE actor_kind = 'operator' AND actor > ''
    UNION ALL
    SELECT (SELECT min(entry.actor) FROM senders_auditentry AS entry
            WHERE entry.actor_kind = 'operator' AND entry.actor > name.actor)
    FROM name WHERE name.actor IS NOT NULL
)
SELECT actor FROM name WHERE actor IS NOT NULL
"""


def operators() -> list[str]:
    """The log-in names of all who ever did something, those who are gone included."""
    with connection.cursor() as cursor:
        cursor.execute(_OPERATORS)
        return [name for (name,) in cursor.fetchall()]


class AuditEntry(models.Model):
    """One change. Never changed itself: a trigger refuses it, and deletes nothing that is young."""

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12, choices=ActorKind)
    actor = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    """The operator's log-in name, or the system's user at the command line; empty: nobody."""
    client_address = models.CharField(max_length=45, blank=True)
    """The IP address; empty: not from a network."""
    action = models.CharField(max_length=64)
    """A stable code: the object's kind, and what was done, such as `sender_address.created`."""
    object_kind = models.CharField(max_length=40)
    object_key = models.CharField(max_length=MAX_LABEL_LENGTH, blank=True)
    """Names one object of its kind for good; empty: several, or none in particular."""
    object_label = models.CharField(max_length=MAX_LABEL_LENGTH, blank=True)
    object_path = models.CharField(max_length=200, blank=True)
    """Its page; it may be gone."""
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    """Of both only fields that changed, never a secret."""

    objects: ClassVar = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_by_time"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["action", "-id"], name="audit_by_action"),
            models.Index(fields=["object_kind", "object_key", "-id"], name="audit_by_object"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(actor_kind__in=ActorKind.values), name="audit_entry_actor_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor or self.actor_kind} at {self.at:%Y-%m-%d %H:%M:%S}"
