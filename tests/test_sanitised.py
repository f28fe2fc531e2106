"""No text reaches the terminal but through the sanitising widgets and the one output module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "meshcoal"
PLAIN = SOURCE / "tui" / "widgets" / "plain.py"
OUTPUT = SOURCE / "cli" / "output.py"

# Textual and Rich classes that draw text, or read markup in it.
DRAWING = {
    "Button", "Checkbox", "Collapsible", "Content", "DataTable", "DirectoryTree",
    "Header", "Input", "Label", "Link", "ListItem", "ListView",
    "Log", "Markdown", "MarkdownViewer", "MaskedInput", "Option", "OptionList",
    "Pretty", "RadioButton", "RadioSet", "RichLog", "Select", "SelectionList",
    "Static", "Tab", "TabPane", "Tabs", "Text", "TextArea",
    "Toast", "Tooltip", "Tree",
}  # fmt: skip
# Calls and attributes that take text past the helpers.
CALLS = {"notify", "from_markup", "from_text", "from_rich_text", "set_title", "set_window_title", "write_raw"}
TITLES = {
    "border_title",
    "border_subtitle",
    "tooltip",
    "title",
    "sub_title",
    "label",
    "placeholder",
    "prompt",
}
# click's own help page holds no text but ours.
ALLOWED = {"click.echo(error.format_message(), err=True)"}
WRITERS = {"print", "echo", "secho", "echo_via_pager"}


def files(part: str) -> list[Path]:
    found = sorted((SOURCE / part).rglob("*.py"))
    assert found, f"{part} has moved"
    return found


def called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _other:
            return ""


def literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def in_interface(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """What a file of the interface must not do."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if module.split(".")[0] in (
                "textual",
                "rich",
            ):
                for alias in names:
                    if alias.name in DRAWING:
                        yield node.lineno, f"imports {alias.name}: use tui.widgets.plain"
            case ast.Import(names=names):
                for alias in names:
                    if alias.name.split(".")[0] == "rich" or alias.name.startswith("textual.widgets"):
                        yield node.lineno, f"imports {alias.name} whole"
            case ast.Call() if called(node) in CALLS:
                yield node.lineno, f"calls {called(node)}: use say() or styled()"
            case ast.Call() if called(node) in WRITERS:
                yield node.lineno, f"calls {called(node)}: the screen belongs to Textual"
            case ast.Assign(targets=targets, value=value) if not literal(value):
                for target in targets:
                    if isinstance(target, ast.Attribute) and target.attr in TITLES:
                        yield node.lineno, f"sets {target.attr}, which is read as markup or sent as a title"
            case ast.Attribute(attr="stdout" | "stderr" | "__stdout__" | "__stderr__"):
                yield node.lineno, "touches the terminal itself"


def in_command_line(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """What a file of the command line must not do outside its output module."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(args=[first, *_rest]) if called(node) in WRITERS and not literal(first):
                if ast.unparse(node) in ALLOWED:
                    continue
                yield node.lineno, f"{called(node)} of something not literal: use cli.output"
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in ("rich", "textual"):
                yield node.lineno, f"imports {module}"
            case ast.Call(func=ast.Attribute(attr="write", value=ast.Attribute(attr="stdout" | "stderr"))):
                yield node.lineno, "writes to the terminal itself"


@pytest.mark.parametrize("path", files("tui"), ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_interface_draws_through_the_helpers(path: Path) -> None:
    """Goal: no foreign text is drawn raw or as markup. Method: walk the syntax tree of each file."""
    if path != PLAIN:
        assert not list(in_interface(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("path", files("cli"), ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_command_line_prints_through_its_output(path: Path) -> None:
    """Goal: the command line cleans what it prints. Method: walk the syntax tree of each file."""
    if path != OUTPUT:
        assert not list(in_command_line(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(
    "line",
    [
        "from textual.widgets import Static",
        "from textual.content import Content",
        "from rich.text import Text",
        "import rich.text",
        "app.notify(text)",
        "Text.from_markup(text)",
        "self.border_title = name",
        "self.app.title = f'{name}'",
        "print(name)",
        "sys.stdout.write(name)",
    ],
)
def test_the_rule_sees_each_offence(line: str) -> None:
    """Goal: the walk is not blind. Method: one line of each kind."""
    assert list(in_interface(ast.parse(line)))


@pytest.mark.parametrize(
    "line", ["click.echo(name)", "print(f'{name}')", "click.secho(view.title)", "sys.stdout.write(name)"]
)
def test_the_rule_sees_each_offence_on_the_command_line(line: str) -> None:
    """Goal: the walk is not blind. Method: one line of each kind."""
    assert list(in_command_line(ast.parse(line)))


def test_helpers_turn_markup_off_and_clean() -> None:
    """Goal: the one file that may draw does it right. Method: look at its notification."""
    tree = ast.parse(PLAIN.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) == "notify":
            assert "markup" in [keyword.arg for keyword in node.keywords]
            assert isinstance(node.args[0], ast.Call)
            assert called(node.args[0]) == "clean"
