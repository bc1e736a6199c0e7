"""Sessions of one person. They are few enough to look into each."""

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from directmail.models import Operator


def end_sessions(operator: Operator) -> int:
    """Logs the person out everywhere; how many sessions there were."""
    theirs = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(operator.pk)
    ]
    UserSession.objects.filter(user=operator).delete()
    return Session.objects.filter(pk__in=theirs).delete()[0]
