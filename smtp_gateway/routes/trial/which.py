"""Which test a route has."""

from django.conf import settings

from smtp_gateway.relay.routing import RouteSpec
from smtp_gateway.routes.trial.direct import direct_trial
from smtp_gateway.routes.trial.forms import TrialForm
from smtp_gateway.routes.trial.trial import Trial, smarthost_trial


def trial_of(spec: RouteSpec, form: TrialForm) -> Trial | None:
    """`form`: valid. None: there is nothing to connect to."""
    mail_from = form.cleaned_data["mail_from"] or settings.SYSTEM_MAIL_FROM
    recipient = form.cleaned_data["recipient"]
    if spec.kind == "mx":
        return direct_trial(spec, domain=form.domain, mail_from=mail_from, recipient=recipient)
    if spec.hop is None:
        return None
    return smarthost_trial(
        spec.hop, our_name=settings.SMTP_HOSTNAME, mail_from=mail_from, recipient=recipient
    )
