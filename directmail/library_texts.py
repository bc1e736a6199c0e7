"""Texts of libraries that reach people and lack a translation there: our catalogs have one.

Marking is all that this does: `make messages` finds them here. A test holds the list to what the
libraries' own catalogs leave out.
"""

from django.utils.translation import ngettext_lazy

TEXTS = (
    # Django's rule for passwords.
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
)
