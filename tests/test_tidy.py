"""What a reviewer would say every time, said once by a machine.

Law: a rule here has no exception that is not written down here with its reason.
"""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
SOURCE: Final = ROOT / "src" / "meshcoal"
LINES_MAX: Final = 500

CORE: Final = (
    "errors", "ids.py", "limits.py", "clock.py", "wire", "crypto", "text", "log", "api",
    "sync", "group", "campaign", "statement", "node",
)  # fmt: skip
DOCUMENTED: Final = ("wire", "crypto", "log", "group", "sync", "campaign", "statement", "node")

# A handler that takes any exception hides bugs. These stand at the edge of a task, and say what they do.
CATCH_ALL: Final[dict[str, str]] = {
    "src/meshcoal/daemon/main.py": "edge of a process: notes where the bug was, ends with an own exit code",
}

# Files over the bound, with the reason why they are one noun all the same.
LONG: Final[dict[str, str]] = {}


def tracked() -> list[Path]:
    """What is in the repository; outside git, what an sdist would hold."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0 and listed.stdout:
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        included = settings["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"]
        found = [
            path
            for name in included
            for path in ([ROOT / name] if (ROOT / name).is_file() else sorted((ROOT / name).rglob("*")))
        ]
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


@functools.cache
def text_of(path: Path) -> str:
    """A tracked file's text; nothing for a picture or another binary."""
    data = path.read_bytes()
    return "" if b"\0" in data else data.decode("utf-8")


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(text_of(path))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def sources(*parts: str) -> list[Path]:
    """Python files of the package, or of some of its parts."""
    roots = [SOURCE / part for part in parts] or [SOURCE]
    return sorted(path for root in roots for path in ([root] if root.suffix == ".py" else root.rglob("*.py")))


def places(pattern: str, paths: list[Path]) -> list[str]:
    """Each `file:line` at which the pattern is found."""
    wanted = re.compile(pattern)
    return [
        f"{named(path)}:{number}"
        for path in paths
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if wanted.search(line)
    ]


# --- Addresses and machines

# Put together from pieces, so that this file does not hold what it looks for.
_REGISTRIES: Final = (
    "py" + r"pi\.(org|io|python)",
    "python" + r"hosted\.org",
    r"registry\.npm" + "js",
    r"crates\." + "io/api",
    r"index" + r"-url",
    r"--find" + r"-links",
    r"trusted" + r"-host",
    r"proxy\.golang" + r"\.org",
    r"conda\.ana" + r"conda",
)
_MACHINES: Final = (
    r"(?<![\w.~])/wor" + r"k/",
    r"(?<![\w.~])/roo" + r"t/",
    r"(?<![\w.~])/hom" + r"e/\w",
    r"(?<![\w.~])/User" + r"s/\w",
)


def test_no_file_names_a_package_index() -> None:
    """Goal: installing asks the index that the user chose. Method: search every tracked file."""
    assert places("|".join(_REGISTRIES), tracked()) == []


def test_no_file_names_a_place_on_somebody_s_machine() -> None:
    """Goal: nothing depends on where it was written. Method: search every tracked file."""
    assert places("|".join(_MACHINES), tracked()) == []


def test_nothing_is_left_to_do() -> None:
    """Goal: what is unfinished is an issue, not a comment. Method: search for the usual words."""
    words = r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")) + r")\b"
    assert places(words, [path for path in tracked() if path.suffix in {".py", ".md", ".sql", ".toml"}]) == []


# --- Chance and order


def test_randomness_comes_from_entropy_alone() -> None:
    """Goal: a seed reaches every random byte. Method: search for calls that draw their own."""
    drawn = r"SealedBox|\.generate\(|nacl\.utils\.random|os\.urandom|\bgetrandom\("
    found = [place for place in places(drawn, sources()) if "/crypto/entropy.py:" not in place]
    assert found == []


_SETS: Final = {"set", "frozenset", "Set", "AbstractSet", "MutableSet"}
_SET_METHODS: Final = {"union", "intersection", "difference", "symmetric_difference"}
# Consumers that give the same answer in whatever order they are fed.
_ORDERLESS: Final = {"sorted", "set", "frozenset", "sum", "any", "all", "min", "max", "len", "Counter"}
_ORDERLESS_METHODS: Final = {"update", "difference_update", "intersection_update", "issuperset", "issubset",
                             "isdisjoint", *_SET_METHODS}  # fmt: skip


def _annotates_set(annotation: ast.expr | None) -> bool:
    """Whether an annotation says set; sets of numbers are let off, their order does not change by run."""
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.value, ast.Name):
        inner = annotation.slice
        return annotation.value.id in _SETS and not (isinstance(inner, ast.Name) and inner.id == "int")
    return isinstance(annotation, ast.Name) and annotation.id in _SETS


class _SetNames(ast.NodeVisitor):
    """Names of attributes and functions that annotations in the core call sets."""

    def __init__(self) -> None:
        self.attributes: set[str] = set()
        self.functions: set[str] = set()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if _annotates_set(node.annotation):
            if isinstance(node.target, ast.Attribute):
                self.attributes.add(node.target.attr)
            elif isinstance(node.target, ast.Name):
                self.attributes.add(node.target.id)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if _annotates_set(node.returns):
            self.functions.add(node.name)
        self.generic_visit(node)


class _SetWalks(ast.NodeVisitor):
    """Finds where one function walks over a set in a way that lets the order through."""

    def __init__(self, known: _SetNames) -> None:
        self._known = known
        self._locals: list[set[str]] = [set()]
        self._forgiven: set[int] = set()
        self.found: list[int] = []

    def _is_set(self, node: ast.expr) -> bool:
        match node:
            case ast.Set() | ast.SetComp():
                return True
            case ast.Name(id=name):
                return any(name in names for names in self._locals)
            case ast.Attribute(attr=name):
                return name in self._known.attributes
            case ast.Call(func=ast.Name(id=name)):
                return name in {"set", "frozenset"} or name in self._known.functions
            case ast.Call(func=ast.Attribute(attr=name, value=value)):
                return name in self._known.functions or (name in _SET_METHODS and self._is_set(value))
            case ast.BinOp(op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor(), left=left, right=right):
                return self._is_set(left) or self._is_set(right)
            case ast.IfExp(body=body, orelse=other):
                return self._is_set(body) or self._is_set(other)
        return False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        self._locals.append({one.arg for one in arguments if _annotates_set(one.annotation)})
        self.generic_visit(node)
        self._locals.pop()

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            pairs = (
                zip(target.elts, node.value.elts, strict=False)
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                else [(target, node.value)]
            )
            for one, value in pairs:
                if isinstance(one, ast.Name):
                    if self._is_set(value):
                        self._locals[-1].add(one.id)
                    else:
                        self._locals[-1].discard(one.id)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if isinstance(node.target, ast.Name) and _annotates_set(node.annotation):
            self._locals[-1].add(node.target.id)
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        if self._is_set(node.iter):
            self.found.append(node.lineno)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in _ORDERLESS or method in _ORDERLESS_METHODS:
            self._forgiven.update(id(one) for one in node.args)
        elif name in {"list", "tuple", "enumerate", "iter", "next", "dict"} or method in {"join", "extend"}:
            self.found.extend(node.lineno for one in node.args if self._is_set(one))
        self.generic_visit(node)

    def visit_Starred(self, node: ast.Starred) -> None:
        if self._is_set(node.value):
            self.found.append(node.lineno)
        self.generic_visit(node)

    def visit_Set(self, node: ast.Set) -> None:
        for one in node.elts:
            self.visit(one.value if isinstance(one, ast.Starred) else one)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.DictComp) -> None:
        if id(node) not in self._forgiven and any(self._is_set(one.iter) for one in node.generators):
            self.found.append(node.lineno)
        self.generic_visit(node)

    visit_ListComp = _comprehension  # noqa: N815, the names are ast's
    visit_GeneratorExp = _comprehension  # noqa: N815
    visit_DictComp = _comprehension  # noqa: N815


def set_walks(trees: dict[str, ast.Module]) -> list[str]:
    known = _SetNames()
    for tree in trees.values():
        known.visit(tree)
    found = []
    for name, tree in trees.items():
        walker = _SetWalks(known)
        walker.visit(tree)
        found.extend([f"{name}:{line}" for line in sorted(set(walker.found))])
    return found


def test_the_core_never_walks_over_a_set() -> None:
    """Goal: one seed, one trace. Method: the order of a set of bytes changes with PYTHONHASHSEED, so find,
    as far as names and annotations show, each walk over a set that is not sorted first."""
    assert set_walks({named(path): tree_of(path) for path in sources(*CORE)}) == []


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("for x in {b'a', b'b'}: pass", 1),
        ("def f(xs: set[bytes]) -> None:\n    y = [x for x in xs]", 1),
        ("def f(xs: frozenset[bytes]) -> None:\n    y = tuple(xs | {b''})", 1),
        ("class A:\n    held: set[bytes]\n    def f(self) -> None:\n        for x in self.held: pass", 1),
        ("def g() -> set[bytes]: ...\ndef f() -> None:\n    b''.join(x for x in g())", 1),
        ("def f(xs: set[bytes]) -> None:\n    y = [x for x in sorted(xs)]", 0),
        ("def f(xs: set[bytes]) -> None:\n    y = sorted(x for x in xs)\n    z = {x for x in xs}", 0),
        ("def f(xs: set[int]) -> None:\n    y = list(xs)", 0),
        ("def f(xs: set[bytes]) -> None:\n    xs = sorted(xs)\n    y = list(xs)", 0),
    ],
)
def test_walks_over_sets_are_seen(code: str, lines: int) -> None:
    """Goal: the rule above finds what it should. Method: feed it examples of both kinds."""
    assert len(set_walks({"example": ast.parse(code)})) == lines


# --- Exceptions


def _catches_all(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    if caught is None:
        return True
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"} for kind in kinds)


def _goes_on(handler: ast.ExceptHandler) -> bool:
    """Whether execution can go on after it: cleaning up and raising again hides nothing."""
    return not isinstance(handler.body[-1], ast.Raise)


def test_nothing_catches_everything() -> None:
    """Goal: a bug is seen. Method: find each handler that takes any exception and does not raise again,
    but for those with a reason."""
    found = {
        named(path)
        for path in sources()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler) and _catches_all(node) and _goes_on(node)
    }
    assert found == set(CATCH_ALL)


def _silent(tree: ast.Module) -> Iterator[int]:
    """Lines of handlers that do nothing, but for those whose `try` is followed by a refusal."""
    for node in ast.walk(tree):
        for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
            statements = block if isinstance(block, list) else []
            for one, following in zip_longest(statements, statements[1:]):
                if isinstance(one, ast.Try) and not isinstance(following, ast.Raise):
                    for handler in one.handlers:
                        if all(isinstance(line, ast.Pass) for line in handler.body):
                            yield handler.lineno


def test_the_core_drops_no_refusal_in_silence() -> None:
    """Goal: whoever refuses says so or counts it. Method: no handler in the core is empty."""
    found = [f"{named(path)}:{line}" for path in sources(*CORE) for line in _silent(tree_of(path))]
    assert found == []


def test_optimised_python_is_refused() -> None:
    """Goal: asserts always hold. Method: start the daemon under -O and read what it says."""
    ended = subprocess.run(
        [sys.executable, "-O", "-m", "meshcoal", "daemon", "run"],
        capture_output=True, text=True, check=False, timeout=60, cwd=ROOT / "src",
    )  # fmt: skip
    assert ended.returncode not in (0, 1, 2)
    assert "-O" in ended.stderr
    assert "Traceback" not in ended.stderr


# --- Shape


def test_files_are_short() -> None:
    """Goal: a file holds one noun. Method: count lines."""
    found = {named(path) for path in sources() if len(text_of(path).splitlines()) > LINES_MAX}
    assert found == set(LONG)


def test_each_file_opens_with_its_law() -> None:
    """Goal: a reader knows what a file is for. Method: ask for the module's docstring."""
    assert [
        named(path) for path in sources() if text_of(path).strip() and not ast.get_docstring(tree_of(path))
    ] == []


def _public(tree: ast.Module) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Public classes and functions of a module, and public methods of those classes."""
    holders: list[ast.Module | ast.ClassDef] = [tree]
    while holders:
        for node in holders.pop().body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                if node.name.startswith("_"):
                    continue
                yield node
                if isinstance(node, ast.ClassDef):
                    holders.append(node)


def _speaks_for_itself(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Short and fully typed: a docstring would only repeat the name. Bigger things have more to say."""
    return len(node.body) <= 8 and (node.end_lineno or 0) - node.lineno < 20


def test_what_others_call_is_explained() -> None:
    """Goal: sizes, units and errors of the core are written down. Method: each public class and
    function that does not fit into a glance has a docstring."""
    found = [
        f"{named(path)}:{node.lineno} {node.name}"
        for path in sources(*DOCUMENTED)
        for node in _public(tree_of(path))
        if not ast.get_docstring(node) and not _speaks_for_itself(node)
    ]
    assert found == []


def test_only_the_command_line_prints() -> None:
    """Goal: nothing writes over the interface, or out of a log's control. Method: look for print calls."""
    found = [
        f"{named(path)}:{node.lineno}"
        for path in sources()
        if "cli" not in path.relative_to(SOURCE).parts
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert found == []


# --- Floors


def test_imports_keep_to_their_floors() -> None:
    """Goal: the core stays free of the shell. Method: run import-linter over the contracts."""
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    ended = subprocess.run(
        [sys.executable, "-c", code, "--no-logo", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_package_has_a_floor() -> None:
    """Goal: a new package cannot escape the contract. Method: compare it with what is in the tree."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    floors = next(one for one in settings["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    on_floors = {name.strip() for layer in floors["layers"] for name in layer.split("|")}
    in_tree = {
        f"meshcoal.{path.stem}"
        for path in SOURCE.iterdir()
        if path.name != "__init__.py" and (path.suffix == ".py" or any(path.glob("*.py")))
    }
    assert on_floors == in_tree
