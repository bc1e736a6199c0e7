"""What every snippet says, for usual addresses and for odd ones."""

import ast
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from smtp_gateway.sender_page import literals
from smtp_gateway.sender_page.connection import Connection
from smtp_gateway.sender_page.snippets import KINDS, snippet_text, snippets

CONNECTION = Connection("news@example.com", "smtp.example.com", 2587, 4465, "")
ODD = [
    pytest.param("o'neil@example.com", id="apostrophe"),
    pytest.param("first.last+tag_1@example.com", id="plus"),
    pytest.param("news@xn--bcher-kva.example", id="A-labels"),
    pytest.param("news@bücher.example", id="U-labels"),
    pytest.param('"a\\b$c`d"@example.com', id="quoted string"),
]
LITERALS = {
    "swaks": literals.shell, "curl": literals.shell, "phpmailer": literals.php,
    "wordpress": literals.php, "java": literals.java,
}  # fmt: skip
NAMES = [kind.name for kind in KINDS]
PARSE = """
import javax.tools.*;
import java.util.List;
class Parse { public static void main(String[] file) throws Exception {
  var found = new DiagnosticCollector<JavaFileObject>();
  var compiler = ToolProvider.getSystemJavaCompiler();
  var manager = compiler.getStandardFileManager(found, null, null);
  var task = (com.sun.source.util.JavacTask) compiler.getTask(
      null, manager, found, List.of(), null, manager.getJavaFileObjects(file[0]));
  task.parse();
  for (var each : found.getDiagnostics()) System.out.println(each);
} }
"""


def literal(name: str, text: str) -> str:
    return LITERALS.get(name, literals.double_quoted)(text)


def code_of(name: str, text: str) -> str:
    """Without the lines that are comments."""
    marks = ("//", "#")
    lines = text.splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith(marks))


def test_there_is_one_for_each_language_and_tool() -> None:
    shown = snippets(CONNECTION)
    assert [each.kind for each in shown] == list(KINDS)
    assert all(each.text.endswith("\n") for each in shown)
    assert len({each.text for each in shown}) == len(KINDS) == 10


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("address", ODD)
def test_address_host_and_port_stand_in_it_as_literals(name: str, address: str) -> None:
    text = code_of(name, snippet_text(name, replace(CONNECTION, user_name=address)))
    assert literal(name, address) in text
    assert "smtp.example.com" in text
    assert "2587" in text
    # Nothing was escaped for HTML, and nothing of the templates is left.
    assert "&#x27;" not in text
    assert "&quot;" not in text
    assert "{{" not in text.replace("{{ ", "{{")
    assert "{%" not in text


@pytest.mark.parametrize("name", NAMES)
def test_none_holds_a_password(name: str) -> None:
    text = snippet_text(name, CONNECTION)
    assert "SMTP_PASSWORD" in text


@pytest.mark.parametrize("name", NAMES)
def test_a_self_signed_certificate_is_named_and_nothing_switches_verification_off(
    name: str,
) -> None:
    without = snippet_text(name, CONNECTION)
    told = snippet_text(name, replace(CONNECTION, ca_file="directmail.pem"))
    assert "directmail.pem" not in without
    assert "directmail.pem" in told
    for word in ("insecure", "rejectUnauthorized", "verify_peer", "InsecureSkipVerify", "=> true"):
        assert word not in told
    assert "--tls-verify" in told or name != "swaks"


@pytest.mark.parametrize("name", NAMES)
def test_encryption_is_required(name: str) -> None:
    required = {
        "swaks": "--tls ", "curl": "--ssl-reqd", "python": "smtp.starttls(context=context)",
        "django": "EMAIL_USE_TLS = True", "nodemailer": "requireTLS: true",
        "phpmailer": "$mail->SMTPSecure = 'tls';", "java": '"mail.smtp.starttls.required", "true"',
        "go": "smtp.PlainAuth(", "mailkit": "SecureSocketOptions.StartTls)",
        "wordpress": "define( 'WPMS_SSL', 'tls' );",
    }  # fmt: skip
    assert required[name] in snippet_text(name, CONNECTION)


@pytest.mark.parametrize("address", ODD)
@pytest.mark.parametrize("ca_file", ["", "directmail.pem"])
def test_python_parses_its_snippets(address: str, ca_file: str) -> None:
    connection = replace(CONNECTION, user_name=address, ca_file=ca_file)
    for name in ("python", "django"):
        tree = ast.parse(snippet_text(name, connection))
        assert address in {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}


@pytest.mark.parametrize("address", ODD)
def test_a_shell_splits_its_snippets_into_the_right_words(address: str) -> None:
    connection = replace(CONNECTION, user_name=address)
    swaks = shlex.split(snippet_text("swaks", connection).replace("\\\n", " "))
    assert swaks[swaks.index("--auth-user") + 1] == address
    assert swaks[swaks.index("--from") + 1] == address
    curl = shlex.split(snippet_text("curl", connection).replace("\\\n", " "))
    assert curl[curl.index("--user") + 1] == f"{address}:$SMTP_PASSWORD"
    assert curl[curl.index("--mail-from") + 1] == address
    assert curl[curl.index("--url") + 1] == "smtp://smtp.example.com:2587"


@pytest.mark.skipif(not shutil.which("node"), reason="not on this machine: node")
@pytest.mark.parametrize("address", ODD)
def test_node_parses_its_snippet(address: str, tmp_path: Path) -> None:
    file = tmp_path / "send.js"
    connection = replace(CONNECTION, user_name=address, ca_file="directmail.pem")
    file.write_text(snippet_text("nodemailer", connection))
    command = ["node", "--check", str(file)]
    done = subprocess.run(command, capture_output=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not shutil.which("javac"), reason="not on this machine: javac")
@pytest.mark.parametrize("address", ODD)
def test_java_parses_its_snippet(address: str, tmp_path: Path) -> None:
    file, parser = tmp_path / "Hello.java", tmp_path / "Parse.java"
    connection = replace(CONNECTION, user_name=address, ca_file="directmail.pem")
    file.write_text(snippet_text("java", connection))
    parser.write_text(PARSE)
    command = ["java", "--add-exports", "jdk.compiler/com.sun.tools.javac.api=ALL-UNNAMED"]
    done = subprocess.run(
        [*command, "-Dfile.encoding=UTF-8", parser, file],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.parametrize("name", ["phpmailer", "java", "go", "mailkit", "wordpress"])
@pytest.mark.parametrize("address", ODD)
def test_brackets_close_in_the_order_in_which_they_open(name: str, address: str) -> None:
    connection = replace(CONNECTION, user_name=address, ca_file="directmail.pem")
    code = code_of(name, snippet_text(name, connection))
    code = code.replace(literal(name, address), "X").replace(literal(name, f"From: {address}"), "X")
    closing, waiting = {"(": ")", "[": "]", "{": "}"}, list[str]()
    for sign in code:
        if sign in closing:
            waiting.append(closing[sign])
        elif sign in closing.values():
            assert waiting.pop() == sign
    assert waiting == []
