"""How settings are read: files for secrets, `.env`, defaults, and words for what is mistyped."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from directmail import named_servers, places
from directmail.environment import Environment

BASE_DIR = Path(__file__).resolve().parents[2]


def _read(setting: str, *, base_dir: Path = BASE_DIR, **environment: str) -> tuple[int, str, str]:
    """A setting as a fresh process sees it: exit code, value, stderr."""
    program = f"from django.conf import settings; print(settings.{setting})"
    kept = {name: os.environ[name] for name in ("PATH", "VAR_DIR")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=base_dir,
        env={**kept, "DJANGO_SETTINGS_MODULE": "directmail.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip(), done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "RELAY_URL", "REDIS_URL"])
def test_a_secret_can_stand_in_a_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("redis://from-a-file\n")
    code, value, _ = _read(name, **{f"{name}_FILE": str(tmp_path / "secret")})
    assert (code, value) == (0, "redis://from-a-file")


def test_the_database_password_can_stand_in_a_file_beside_the_url(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("p@ss/word\n")
    code, value, _ = _read(
        "DATABASES['default']['PASSWORD']",
        DATABASE_URL="postgresql://directmail@db.internal:5432/directmail",
        DATABASE_PASSWORD_FILE=str(tmp_path / "password"),
        SECRET_KEY="k" * 50,
    )
    assert (code, value) == (0, "p@ss/word")


def test_a_dot_env_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    for name in ("directmail", "smtp_gateway", "senders", "verification"):
        (tmp_path / name).symlink_to(BASE_DIR / name)
    # Only settings.py is a copy: the directory above it is where .env is looked for.
    (tmp_path / "directmail").unlink()
    (tmp_path / "directmail").mkdir()
    for file in (BASE_DIR / "directmail").glob("*.py"):
        (tmp_path / "directmail" / file.name).write_bytes(file.read_bytes())
    (tmp_path / ".env").write_text("WEB_PORT=8123\nSMTP_PORT=2626\n")
    assert _read("WEB_PORT", base_dir=tmp_path)[1] == "8123"
    assert _read("SMTP_PORT", base_dir=tmp_path, SMTP_PORT="2727")[1] == "2727"


def test_without_any_setting_the_engines_are_private_and_a_key_is_made(tmp_path: Path) -> None:
    assert _read("EMBEDDED_POSTGRES", VAR_DIR=str(tmp_path))[1] == "True"
    first = _read("SECRET_KEY", VAR_DIR=str(tmp_path))[1]
    assert len(first) >= 50
    assert _read("SECRET_KEY", VAR_DIR=str(tmp_path))[1] == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_named_database_refuses_to_do_without_a_secret_key() -> None:
    code, _, said = _read("DEBUG", DATABASE_URL="postgresql://directmail@db/directmail")
    assert code == 1
    assert "SECRET_KEY is not set" in said


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("WEB_PORT", "abc", 'Environment variable "WEB_PORT" invalid: Not a valid integer.'),
        ("DEBUG", "perhaps", 'Environment variable "DEBUG" invalid: Not a valid boolean.'),
        ("LOG_FORMAT", "xml", "LOG_FORMAT is 'xml': set it to one of plain, json."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL is 'loud': set it to one of DEBUG, INFO, WARNING, "),
        ("TIME_ZONE", "Mars/Base", "TIME_ZONE is 'Mars/Base', which is no time zone: set it as"),
        ("TIME_ZONE", "../etc", "TIME_ZONE is '../etc', which is no time zone"),
        ("PUBLIC_URL", "https://[bad", "PUBLIC_URL is not a URL: its host cannot be read"),
        ("REDIS_URL", "redis://[bad", "REDIS_URL is not a URL: its host cannot be read"),
        ("REDIS_URL", "garbage", "REDIS_URL is not the address of a Redis: write redis://"),
        ("DATABASE_URL", "postgresql://[bad", "DATABASE_URL is not a URL: its host cannot be read"),
        ("DATABASE_URL", "postgresql://u:geh#eim@db/x", "DATABASE_URL is not understood: write"),
        (
            "TRIGGER_LIFETIME_HOURS",
            "1e9",
            "TRIGGER_LIFETIME_HOURS is 1e+09: set it to more than 0 ",
        ),
        (
            "BATCH_LIFETIME_HOURS",
            "721",
            "BATCH_LIFETIME_HOURS is 721: set it to more than 0 and at",
        ),
        ("BATCH_LIFETIME_HOURS", "inf", 'Environment variable "BATCH_LIFETIME_HOURS" invalid: '),
        (
            "TRIGGER_RETRY_MAX_SECONDS",
            "1e300",
            "TRIGGER_RETRY_MAX_SECONDS is 1e+300: set it to more than 0 and at",
        ),
        (
            "TRIGGER_RETRY_FIRST_SECONDS",
            "nan",
            'Environment variable "TRIGGER_RETRY_FIRST_SECONDS" invalid: ',
        ),
        (
            "TRIGGER_RETRY_FIRST_SECONDS",
            "-1",
            "TRIGGER_RETRY_FIRST_SECONDS is -1: set it to more than 0 and at",
        ),
        ("DELAY_WARNING_HOURS", "-1", "DELAY_WARNING_HOURS is -1: set it to more than 0 and at"),
        ("SECRET_KEY_FILE", "/dev/null", "The file that SECRET_KEY_FILE names is empty."),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL must name a PostgreSQL"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL is not understood"),
        ("RELAY_URL_FILE", "/nowhere", "The value of RELAY_URL_FILE must be a readable file path."),
    ],
)
def test_a_mistyped_setting_is_one_sentence(setting: str, value: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=BASE_DIR,
        env={**os.environ, setting: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
    assert "geh" not in done.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"WEB_PORT=8123\nCITY=K\xf6ln\n", "cannot be read: make it a text file in UTF-8"),
        (b"# mine\n\nWEB_PORT\n", "line 3 is no setting: write NAME=value, or put # in front"),
        (b"WEB_PORT=8123\n\nweb port 8124\n", "line 3 is no setting"),
        (b"=8123\n", "line 1 is no setting"),
    ],
)
def test_a_dot_env_that_cannot_be_read_is_one_sentence(
    content: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(ImproperlyConfigured) as refused:
        Environment().read_settings_file(tmp_path / ".env")
    assert said in str(refused.value)
    assert str(refused.value).startswith(str(tmp_path / ".env"))


def test_a_dot_env_may_have_comments_empty_lines_and_empty_values(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# mine\n\nexport DM_ONE='a b' # so\nDM_TWO=\n")
    env = Environment()
    env.read_settings_file(tmp_path / ".env")
    assert (env.str("DM_ONE"), env.str("DM_TWO", "unset")) == ("a b", "unset")


@pytest.mark.parametrize(
    ("setting", "value"), [("WEB_PORT", "8000"), ("DEBUG", "False"), ("TIME_ZONE", "UTC")]
)
@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_value_counts_as_unset(setting: str, value: str, empty: str) -> None:
    assert _read(setting, **{setting: empty})[:2] == (0, value)


def test_the_log_level_is_written_in_any_case() -> None:
    assert _read("LOGGING['root']['level']", LOG_LEVEL="debug")[1] == "DEBUG"


def test_a_password_is_put_into_the_url_whatever_its_letters() -> None:
    assert named_servers.with_password("postgresql://me@db:5432/x", "a/b@c") == (
        "postgresql://me:a%2Fb%40c@db:5432/x"
    )
    assert named_servers.with_password("postgresql://me@db/x", "") == "postgresql://me@db/x"


def test_options_of_the_database_url_are_kept_beside_the_pool() -> None:
    database = named_servers.database("postgresql://me@db/x?sslmode=require", pool_size=3)
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["OPTIONS"]["pool"]["max_size"] == 3


def test_a_database_url_can_say_how_long_a_transaction_may_wait() -> None:
    url = "postgresql://me@db/x?options=-c%20idle_in_transaction_session_timeout%3D5s"
    options = named_servers.database(url, pool_size=3)["OPTIONS"]["options"]
    assert options.endswith("-c idle_in_transaction_session_timeout=5s")
    assert (
        "options" not in named_servers.database("postgresql://me@db/x", pool_size=None)["OPTIONS"]
    )


@pytest.mark.parametrize(
    "url",
    [
        "localhost:6379",
        "http://host/0",
        "redis://",
        "redis://:geh#eim@host/0",
        "redis://:geh@eim@host/0",
        "redis://host/mine",
        "redis://host:0/1",
        "redis://host:99999/1",
        "unix://",
    ],
)
def test_a_redis_url_that_would_be_half_read_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="the password percent-encoded") as refused:
        named_servers.redis(url)
    assert "geh" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "redis://host",
        "rediss://user:p%23w@redis.example.com:6380/3",
        "unix:///run/redis.sock?db=1",
    ],
)
def test_a_redis_url_is_left_as_it_is(url: str) -> None:
    assert named_servers.redis(url) == url


def test_celery_gets_the_same_redis_in_its_own_words() -> None:
    url = places.embedded_redis_url(Path("/srv/var"))
    assert named_servers.celery_broker(url) == (
        "redis+socket:///srv/var/run/redis/redis.sock?virtual_host=0"
    )
    assert named_servers.celery_broker("redis://host/1") == "redis://host/1"


def test_sockets_of_a_deep_directory_get_a_short_path() -> None:
    deep = Path("/srv") / ("x" * 100)
    assert len(str(places.redis_socket(deep))) < 100
    assert places.redis_socket(deep) == places.redis_socket(deep)
    assert places.redis_socket(deep) != places.redis_socket(deep / "other")


@pytest.mark.parametrize(("hours", "value"), [("0", "None"), ("1.5", "1:30:00")])
def test_no_hours_until_a_warning_of_a_delay_mean_no_warning(hours: str, value: str) -> None:
    assert _read("DELAY_WARNING", DELAY_WARNING_HOURS=hours)[:2] == (0, value)


def test_the_table_of_settings_is_complete() -> None:
    source = (BASE_DIR / "directmail" / "settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', source))
    table = (BASE_DIR / "docs" / "configuration.md").read_text()
    assert read == set(re.findall(r"^\| `([A-Z0-9_]+)`", table, re.MULTILINE))


def test_the_gateway_takes_each_core_and_half_of_them_beside_the_embedded_database() -> None:
    cores = len(os.sched_getaffinity(0))
    assert _read("GATEWAY_PROCESSES")[1] == str(max(1, cores // 2))
    named = {"DATABASE_URL": "postgresql://a@db/x", "SECRET_KEY": "k" * 50}
    assert _read("GATEWAY_PROCESSES", **named)[1] == str(cores)
