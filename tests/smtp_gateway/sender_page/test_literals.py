"""Each literal, read by its own language where that is installed, means what it was made of."""

import ast
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_gateway.sender_page import literals

# Surrogates are no text; a shell's word cannot hold NUL.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
TRICKY = [
    "", "news@example.com", "o'neil+news@example.com", 'quote"d@example.com', "back\\slash", "\\",
    "$HOME `id` $(id) %s %d !", "line\nfeed\r\n\ttab", "\\u0041 \\n \\' \\x41", "\x007", "\x1b[0m",
    "bücher@例え.example", "\u2028\u2029\x85", "\U0001f600", "*/ // # <?php ?> </script>", "'",
]  # fmt: skip


@given(TEXT)
def test_python_reads_the_text(text: str) -> None:
    assert ast.literal_eval(literals.double_quoted(text)) == text


@given(WORDS)
def test_a_shell_reads_one_word(text: str) -> None:
    assert shlex.split(literals.shell(text)) == [text]


@given(TEXT)
def test_php_reads_the_text(text: str) -> None:
    literal = literals.php(text)
    assert literal[0] == literal[-1] == "'"
    # All that PHP knows between single quotes: an escaped quote and an escaped backslash.
    assert re.fullmatch(r"(?:[^'\\]|\\['\\])*", literal[1:-1], re.DOTALL)
    assert re.sub(r"\\(['\\])", r"\1", literal[1:-1]) == text


@given(TEXT)
def test_double_quoted_literals_hold_only_escapes_that_all_four_languages_know(text: str) -> None:
    inner = literals.double_quoted(text)[1:-1]
    assert re.fullmatch(r'(?:[^"\\\x00-\x1f]|\\["\\nrt]|\\u[0-9a-f]{4})*', inner)


@given(TEXT)
def test_java_literals_stay_on_their_line(text: str) -> None:
    inner = literals.java(text)[1:-1]
    assert re.fullmatch(r'(?:[^"\\\x00-\x1f]|\\["\\nrt]|\\[0-3][0-7]{2}|\\u[0-9a-f]{4})*', inner)
    assert not re.search(r"\\u00", re.sub(r"\\\\", "", inner))


@pytest.mark.skipif(not shutil.which("node"), reason="not on this machine: node")
def test_node_reads_the_texts() -> None:
    program = f"console.log(JSON.stringify([{','.join(map(literals.double_quoted, TRICKY))}]))"
    assert json.loads(_output(["node", "-e", program])) == TRICKY


def test_sh_reads_the_texts() -> None:
    words = [text for text in TRICKY if "\0" not in text]
    program = f"printf '%s\\0' {' '.join(map(literals.shell, words))}"
    assert _output(["sh", "-c", program]).split("\0")[:-1] == words


@pytest.mark.skipif(not shutil.which("javac"), reason="not on this machine: javac")
def test_java_reads_the_texts(tmp_path: Path) -> None:
    source = tmp_path / "Said.java"
    prints = "\n".join(f"out.print({literals.java(text)} + '\\0');" for text in TRICKY)
    source.write_text(
        "class Said { public static void main(String[] none) throws Exception {\n"
        f'var out = new java.io.PrintStream(System.out, true, "UTF-8");\n{prints}\n}} }}\n'
    )
    said = _output(["java", "-Dfile.encoding=UTF-8", str(source)])
    assert said == "".join(f"{text}\0" for text in TRICKY)


def _output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()
