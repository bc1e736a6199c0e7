"""`python -m tests.missing_migrations`: names model changes that have no migration yet.

What `makemigrations --check` does, but without asking a database for its history.
"""

import os
import sys

import django
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState


def missing() -> list[str]:
    """One line for each operation that a new migration would hold."""
    loader = MigrationLoader(None)
    current = ProjectState.from_apps(apps)
    changes = MigrationAutodetector(loader.project_state(), current).changes(graph=loader.graph)
    return [
        f"{app}: {operation.describe()}"
        for app, migrations in changes.items()
        for migration in migrations
        for operation in migration.operations
    ]


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "directmail.settings")
    django.setup()
    sys.exit("\n".join(["Run manage.py makemigrations:", *found]) if (found := missing()) else 0)
