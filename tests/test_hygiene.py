"""Rules of the house that no type checker knows: imports, where SQL lies, what may be drawn,
how secrets are compared, how long things may be, and what the repository must not hold."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "vchat_tui"
SOURCES = sorted(PACKAGE.rglob("*.py"))
MAX_FILE = 400
MAX_FUNCTION = 50
LONG_FILES = {
    "vchat_tui/actions.py": 520,
    "vchat_tui/models.py": 480,
    "vchat_tui/screens/chat.py": 440,
    "vchat_tui/store/schema.py": 560,
    "vchat_tui/widgets/paged_list.py": 440,
}
"""Files that may be longer, and how long: each is one thing that does not fall apart well."""


def at(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call, with the last part of the name that is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, node
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr, node


# ---- imports ------------------------------------------------------------------------------------


def loaded_by(program: str) -> set[str]:
    """The modules that are loaded once a program has run."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"{program}\nimport sys; print(*sys.modules)"],
        capture_output=True, text=True, cwd=ROOT, check=True, timeout=60,
    )  # fmt: skip
    return set(done.stdout.split())


def test_the_server_loads_nothing_that_draws() -> None:
    serve_once = """
import asyncio, os, pathlib, signal, tempfile
from vchat_tui import cli, commands, doctor, home, server

def ready(address):
    os.kill(os.getpid(), signal.SIGTERM)

with tempfile.TemporaryDirectory() as folder:
    asyncio.run(server.serve(home.Home(pathlib.Path(folder)), port=0, ready=ready))
"""
    loaded = loaded_by(serve_once)
    assert "uvicorn" in loaded
    assert not {name for name in loaded if name.partition(".")[0] in ("textual", "rich")}


def test_the_console_loads_nothing_of_the_server() -> None:
    loaded = loaded_by("import vchat_tui.cli, vchat_tui.app, vchat_tui.remote, vchat_tui.attach")
    assert "vchat_tui.app" in loaded
    heavy = {"httpx", "uvicorn", "aiosqlite", "cryptography", "starlette", "sqlite3", "websockets"}
    assert not loaded & heavy
    assert not {name for name in loaded if name.startswith(("vchat_tui.store", "vchat_tui.server"))}


def test_a_wrong_command_costs_almost_nothing() -> None:
    loaded = loaded_by("import vchat_tui.cli")
    assert not loaded & {"asyncio", "msgspec", "textual", "sqlite3", "httpx", "ssl"}


# ---- SQL and secrets ----------------------------------------------------------------------------

_SQL = re.compile(r"(SELECT\b.+\bFROM|INSERT\s+INTO|UPDATE\b.+\bSET|DELETE\s+FROM|PRAGMA)\s")


def test_sql_is_in_the_store_only() -> None:
    found = [
        at(path, node)
        for path in SOURCES
        if PACKAGE / "store" not in path.parents
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Attribute) and node.attr in ("execute", "executemany"))
        or (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and _SQL.match(node.value)
        )
    ]
    assert found == []


# Names that hold something secret. A plain == tells by its time how much of a guess was right.
_SECRET = re.compile(r"(secret|token|signature|password|digest|hmac)s?$", re.IGNORECASE)


def named(node: ast.expr) -> str:
    """What an expression is called: a name, an attribute, or what is called on it."""
    if isinstance(node, ast.Call):
        node = node.func
        if isinstance(node, ast.Attribute) and node.attr in ("encode", "decode", "reveal", "hex"):
            return named(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def test_secrets_are_never_compared_with_equals() -> None:
    found = [
        at(path, node)
        for path in SOURCES
        if PACKAGE / "simulator" not in path.parents  # its secrets are made up, and printed
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Compare)
        and any(isinstance(op, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for op in node.ops)
        and any(_SECRET.search(named(side)) for side in (node.left, *node.comparators))
        and not any(isinstance(side, ast.Constant) for side in (node.left, *node.comparators))
    ]
    assert found == []


# ---- what may be drawn --------------------------------------------------------------------------

# Textual reads a str given to these as markup: foreign text in it could name styles and actions.
_DRAWS = {"Static": 0, "Label": 0, "notify": 0, "Button": 0, "Checkbox": 0, "Option": 0}
# What makes text that is no markup, or that is ours.
_SAFE_CALLS = {"_", "ngettext", "Content", "Text", "assemble", "styled", "blank"}


def is_safe(node: ast.expr, safe_names: set[str]) -> bool:
    """Whether an argument can hold no foreign markup: a literal, a text of the catalogues as it
    is, a Content, or a name that stands for one of these."""
    match node:
        case ast.Constant():
            return True
        case ast.Name():
            return node.id in safe_names
        case ast.Call(func=ast.Attribute(value=maker, attr="join")):  # Content("\n").join(...)
            return not isinstance(maker, ast.Constant) and is_safe(maker, safe_names)
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name in _SAFE_CALLS or name in safe_names
        case ast.IfExp():
            return is_safe(node.body, safe_names) and is_safe(node.orelse, safe_names)
        case ast.BinOp():
            return is_safe(node.left, safe_names) and is_safe(node.right, safe_names)
        case ast.BoolOp():
            return all(is_safe(value, safe_names) for value in node.values)
    return False


def functions_that_make_content() -> set[str]:
    """The functions of the package that say they return Content or Text."""
    return {
        node.name
        for path in SOURCES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and node.returns and typed_safe(node.returns)
    }


def names_that_are_safe(tree: ast.Module, makers: set[str]) -> set[str]:
    """Names that a module types as Content or Text, or binds to such a thing."""
    safe = set(makers)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for argument in (*node.args.args, *node.args.kwonlyargs):
                if argument.annotation and typed_safe(argument.annotation):
                    safe.add(argument.arg)
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and is_safe(node.value, safe)
        ):
            safe.add(node.targets[0].id)
    return safe


def typed_safe(annotation: ast.expr) -> bool:
    return set(re.findall(r"\w+", ast.unparse(annotation))) <= {"Content", "Text"}


def test_only_what_holds_no_markup_is_drawn() -> None:
    found = []
    makers = functions_that_make_content()
    for path in SOURCES:
        if not {PACKAGE / "screens", PACKAGE / "widgets"} & set(path.parents):
            continue
        tree = tree_of(path)
        safe = names_that_are_safe(tree, makers)
        for name, call in calls(tree):
            plain = any(
                word.arg == "markup"
                and isinstance(word.value, ast.Constant)
                and word.value.value is False
                for word in call.keywords
            )
            if name in _DRAWS and call.args and not plain and not is_safe(call.args[0], safe):
                found.append(f"{at(path, call)} {name}({ast.unparse(call.args[0])})")
    assert found == []


@pytest.mark.parametrize(
    ("drawn", "safe"),
    [
        ("message.text", False),
        ("text", False),
        ("f'{name}!'", False),
        ("_('Hello {name}').format(name=name)", False),
        ("clean(name)", False),
        ("_('yes') + name", False),
        ("' '.join(names)", False),
        ("str(error)", False),
        ("_('yes')", True),
        ("'' if wide else _('yes')", True),
        ("Content(name)", True),
        ("Content.assemble(name, ('x', style))", True),
    ],
)
def test_the_rule_for_drawing_tells_them_apart(drawn: str, safe: bool) -> None:
    assert is_safe(ast.parse(drawn, mode="eval").body, set()) is safe


def test_no_markup_is_made_of_variables() -> None:
    """`from_markup` and the Markdown widget read styles, links and actions out of their text."""
    found = [
        f"{at(path, call)} {name}"
        for path in SOURCES
        for name, call in calls(tree_of(path))
        if name in ("from_markup", "Markdown", "MarkdownViewer")
        and not (call.args and isinstance(call.args[0], ast.Constant))
    ]
    assert found == []


# ---- size ---------------------------------------------------------------------------------------


def test_files_are_short_enough_to_read() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in SOURCES}
    allowed = {name: LONG_FILES.get(name, MAX_FILE) for name in lengths}
    assert {name: n for name, n in lengths.items() if n > allowed[name]} == {}


def test_functions_fit_on_a_screen() -> None:
    found = {
        f"{at(path, node)} {node.name}": length
        for path in SOURCES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION
    }
    assert found == {}


def test_every_module_and_public_function_says_what_it_is_for() -> None:
    found = []
    for path in SOURCES:
        tree = tree_of(path)
        if ast.get_docstring(tree) is None:
            found.append(str(path.relative_to(ROOT)))
        for node in tree.body:
            if (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                and not node.name.startswith("_")
                and ast.get_docstring(node) is None
            ):
                found.append(f"{at(path, node)} {node.name}")
    assert found == []


# ---- the repository -----------------------------------------------------------------------------


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


# Put together here, so that this file does not hold them itself.
_REGISTRIES = ("py" + "pi.org", "pythonhosted" + ".org", "npmjs" + ".com", "crates" + ".io")
_MACHINE = re.compile(r"(?<![\w.~-])/(?:root|home/\w+|Users/\w+|work)/[\w.]")
_LEFTOVERS = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def test_nothing_of_one_machine_and_no_leftovers_are_in_the_repository() -> None:
    found = []
    for path in tracked():
        if path.suffix in (".mo", ".png", ".svg", ".gz"):
            continue
        text = path.read_text("utf-8", errors="replace")
        name = str(path.relative_to(ROOT))
        found += [f"{name}: {registry}" for registry in _REGISTRIES if registry in text]
        found += [f"{name}: {match[0]}" for match in _MACHINE.finditer(text)]
        found += [f"{name}: {match[0]}" for match in _LEFTOVERS.finditer(text)]
    assert found == []


def test_no_secret_or_database_is_in_the_repository() -> None:
    endings = (".db", ".sqlite", ".pem", ".key", ".env", ".log")
    assert [path for path in tracked() if path.name.endswith(endings)] == []


def test_scripts_can_be_run() -> None:
    for path in tracked():
        if path.read_bytes()[:2] == b"#!":
            assert os.access(path, os.X_OK), path


def test_the_readme_begins_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in text
    assert "make test" in text
