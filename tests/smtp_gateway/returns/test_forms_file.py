"""A mistake in the forms of returned mail says where it is, at start."""

from pathlib import Path

import pytest

from smtp_gateway.returns.reading.forms_file import BadForms, load

GOOD = 'name = "one"\nkind = "failed"\nsubject = ["x"]\n'


def load_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "forms.toml"
    path.write_text(text, encoding="utf-8")
    load(path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", r"forms.toml needs \[\[forms\]\], and nothing else"),
        ("[[forms", "forms.toml cannot be read"),
        ('[[forms]]\nkind = "failed"\n', "form 1 has no name"),
        ('[[forms]]\nname = "A b"\nkind = "failed"\n', "form 1 has no name"),
        (f'[[forms]]\n{GOOD}bgins = ["x"]\n', "form one: unknown key 'bgins'"),
        ('[[forms]]\nname = "one"\nkind = "lost"\nsubject = ["x"]\n', "kind is none of failed"),
        ('[[forms]]\nname = "one"\nkind = "failed"\n', "form one would fit every mail"),
        (f"[[forms]]\n{GOOD}says = []\n", "form one: says is empty"),
        (f"[[forms]]\n{GOOD}says = [1]\n", "form one: says is no list of texts"),
        (f"[[forms]]\n{GOOD}reason = ['(']\n", "form one: .* is no regular expression"),
        (f"[[forms]]\n{GOOD}reason = ['x']\n", "form one: 'x' has 0 groups and not one"),
        (f"[[forms]]\n{GOOD}[[forms]]\n{GOOD}", "two forms are called one"),
    ],
    ids=[
        *("nothing", "no-toml", "no-name", "odd-name", "misspelt", "no-kind", "fits-all"),
        *("empty", "no-text", "no-pattern", "no-group", "twice"),
    ],
)
def test_it_is_refused_with_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(BadForms, match=sentence):
        load_text(tmp_path, text)


def test_the_shipped_forms_can_be_used() -> None:
    assert len(load()) > 20
