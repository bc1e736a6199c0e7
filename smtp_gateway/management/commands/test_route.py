"""`manage.py test_route`: Test this route, at the terminal of the machine that relays."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from smtp_gateway.models import Route
from smtp_gateway.relay.routing import RouteSpec
from smtp_gateway.routes.loading import spec_of
from smtp_gateway.routes.reading import default_or_problem
from smtp_gateway.routes.trial.dialogue import Said
from smtp_gateway.routes.trial.finding import Finding
from smtp_gateway.routes.trial.forms import TrialForm
from smtp_gateway.routes.trial.trial import run
from smtp_gateway.routes.trial.which import trial_of


class Command(BaseCommand):
    """Ends with 1 where the route does not work."""

    help = "Connects as the relay does, shows what is said, and says what is wrong; sends no mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="the route's name; without one the default")
        parser.add_argument(
            "--recipient",
            default="",
            help="an address that the server is asked about; for direct delivery also a domain",
        )
        parser.add_argument(
            "--mail-from", default=settings.SYSTEM_MAIL_FROM, help="the sender that goes with it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        spec = _find(options["name"])
        form = TrialForm(
            {"recipient": options["recipient"], "mail_from": options["mail_from"]},
            kind=spec.kind,
            mail_from=settings.SYSTEM_MAIL_FROM,
        )
        if not form.is_valid():
            raise CommandError(" ".join(str(each[0]) for each in form.errors.values()))
        trial = trial_of(spec, form)
        if trial is None:
            raise CommandError(spec.problem or "Its mail stays in the local mailbox.")
        for line in run(trial):
            self._say(line)

    def _say(self, line: Said | Finding) -> None:
        if isinstance(line, Said):
            words = line.words.replace("\n", "\n" + " " * 23)
            self.stdout.write(f"{line.at:>10}  {line.name:<10} {words}")
            self.stdout.flush()
        elif line.is_good:
            self.stdout.write(f"\n{line.title}. {line.text}")
        else:
            raise CommandError(f"{line.title}. {line.text}")


def _find(name: str | None) -> RouteSpec:
    if name is None:
        return default_or_problem()
    route = Route.objects.filter(name=name).first()
    if route is None:
        raise CommandError(f"There is no route {name}. list_routes shows those there are.")
    return spec_of(route)
