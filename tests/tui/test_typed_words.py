"""Words that are typed to confirm."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import meshcoal.tui
from meshcoal.errors import BadArgument
from meshcoal.tui import confirming
from meshcoal.tui.screens.form import must_type


@pytest.mark.parametrize(
    ("word", "typed"),
    [
        ("sign", " Sign "),
        ("میپذیرم", "ميپذيرم"),  # Persian yeh, and the Arabic one that many keyboards give
        ("تأكيد", "تاکید"),  # hamza left out, Persian letters
        ("подтвердите всё", "Подтвердите все"),
        ("é\u0301lu", "elu"),
    ],
)
def test_what_keyboards_write_differently_is_one_word(word: str, typed: str) -> None:
    """Goal: nobody fails for their keyboard's sake. Method: the word as another keyboard writes it."""
    must_type(word)({"typed": typed})


@pytest.mark.parametrize(("word", "typed"), [("sign", "signs"), ("sign", ""), ("نشر", "نشرت")])
def test_another_word_is_refused(word: str, typed: str) -> None:
    """Goal: no confirmation by accident. Method: something near it, and nothing."""
    with pytest.raises(BadArgument):
        must_type(word)({"typed": typed})


def test_english_counts_in_every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: nobody fails for a keyboard that cannot write their language. Method: both words, and a third."""
    monkeypatch.setattr(
        confirming, "_ENGLISH", (("подписать", "sign"), ("снять", "remove"), ("снять", "withdraw"))
    )
    for typed in ("подписать", "Sign "):
        must_type("подписать")({"typed": typed})
    for typed in ("снять", "remove", "withdraw"):
        must_type("снять")({"typed": typed})
    with pytest.raises(BadArgument):
        must_type("подписать")({"typed": "remove"})


def test_every_word_that_is_asked_for_has_its_english() -> None:
    """Goal: no word is forgotten. Method: what the sources give to `must_type`, or call a word."""
    asked: set[str] = set()
    for path in Path(meshcoal.tui.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            asked |= _said(node)
    assert "sign" in asked
    assert "freeze" in asked
    assert asked == {english for _word, english in confirming._ENGLISH}


def _said(node: ast.AST) -> set[str]:
    """Words in `word = _(...)`, `WORD = _(...)`, `word=_(...)` and `must_type(_(...))`."""
    values: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        names = [one.id.lower() for one in node.targets if isinstance(one, ast.Name)]
        values = [node.value] if any(name == "word" or name.endswith("_word") for name in names) else []
    elif isinstance(node, ast.keyword) and node.arg == "word":
        values = [node.value]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "must_type":
        values = node.args
    return {
        one.args[0].value
        for one in values
        if isinstance(one, ast.Call)
        and isinstance(one.func, ast.Name)
        and one.func.id == "_"
        and isinstance(one.args[0], ast.Constant)
        and isinstance(one.args[0].value, str)
    }
