"""Which language a page is in, and what the catalogs of it have to agree on."""

from collections import defaultdict

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from tests.catalogs.files import LANGUAGES, catalog_of
from tests.catalogs.gathering import PACKAGES
from tests.directmail.accounts.acting import make_operator
from tests.directmail.words import pseudo

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9"}
# Signs, names of units and of standards: the same in Chinese.
_SAME = {"IPv4", "IPv6", "URL", "WebAuthn", "AM", "PM", "a.m.", "p.m.", "%s KB", "%s MB", "%s GB",
         "%s TB", "%s PB"}  # fmt: skip
# It is for whoever writes forms, and reaches nobody here.
_UNSEEN = {"%(model)s instance with %(field)s %(value)r is not a valid choice."}


@pytest.mark.django_db
def test_a_visitor_reads_the_language_of_the_browser(client: Client) -> None:
    page = client.get("/login/", headers=CHINESE).text
    assert '<html lang="zh-Hans"' in page
    assert "登录" in page
    assert '<html lang="en"' in client.get("/login/", headers={"Accept-Language": "de"}).text


@pytest.mark.django_db
def test_an_operator_reads_the_language_of_the_preference(client: Client) -> None:
    client.force_login(make_operator(language="zh-hans"))
    assert '<html lang="zh-Hans"' in client.get("/account/").text
    client.force_login(make_operator(language="en"))
    assert '<html lang="en"' in client.get("/account/", headers=CHINESE).text


@pytest.mark.django_db
def test_an_operator_without_preference_reads_the_language_of_the_browser(client: Client) -> None:
    client.force_login(make_operator())
    assert '<html lang="zh-Hans"' in client.get("/account/", headers=CHINESE).text


def test_each_language_of_the_settings_has_catalogs() -> None:
    offered = {code for code, _ in settings.LANGUAGES} - {"en"}
    assert {translation.to_locale(code) for code in offered} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_of_several_packages_has_one_translation(language: str) -> None:
    found = defaultdict(set)
    for package in PACKAGES:
        for each in catalog_of(package, language):
            if each.id and any(each.string):
                found[each.id, each.context].add(each.string)
    assert {text: strings for text, strings in found.items() if len(strings) > 1} == {}


@pytest.mark.parametrize("language", ["zh-hans"])
def test_what_libraries_say_is_translated_too(language: str) -> None:
    with translation.override(language):
        said = {text for text in pseudo.texts_of_libraries() if _is_as_before(text)}
    assert said - _SAME - _UNSEEN == set()


def _is_as_before(text: str | tuple[str, str]) -> bool:
    if isinstance(text, str):
        return translation.gettext(text) == text
    return translation.ngettext(*text, 5) in text
