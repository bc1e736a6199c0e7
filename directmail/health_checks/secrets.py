"""What must not stay as it was made or as it is for trying out; and the brake on log-ins."""

from django.conf import settings
from django.core.cache import cache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache

from directmail.first_password import who_still_has_it
from directmail.health_checks.values import Result

_LEAST_LENGTH, _LEAST_LETTERS = 50, 5


def secret_key() -> Result:
    key = settings.SECRET_KEY
    if len(key) < _LEAST_LENGTH or len(set(key)) < _LEAST_LETTERS:
        facts = {"length": len(key), "least": _LEAST_LENGTH}
        return Result("secret-key", "bad", "secret-key.short", facts)
    return Result("secret-key", "ok", "secret-key.ok")


def debug() -> Result:
    if settings.DEBUG:
        return Result("debug", "bad", "debug.on")
    return Result("debug", "ok", "debug.off")


def first_operator() -> Result:
    """Whether the password that was printed at the first start is still in use."""
    if (operator := who_still_has_it()) is None:
        return Result("first-operator", "ok", "first-operator.ok")
    return Result("first-operator", "warn", "first-operator.generated", {"email": operator.email})


def throttle() -> Result:
    """Failed log-ins of the console are counted, by all processes together and by client."""
    if getattr(settings, "ACCOUNT_RATE_LIMITS", None) is False:
        return Result("throttle", "bad", "throttle.off")
    if isinstance(cache, LocMemCache | DummyCache):
        return Result("throttle", "warn", "throttle.not-shared")
    is_behind_proxy = settings.PUBLIC_URL.startswith("https:")
    if is_behind_proxy and not getattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", 0):
        return Result("throttle", "warn", "throttle.one-address")
    return Result("throttle", "ok", "throttle.ok")
