"""Forms of pages: questions, what was answered, and why it was refused.

Law: a refused form comes back as it was filled in, with the reason above it, tied to it for those who do not
see the page. Passphrases and typed words alone are not filled in again. Every form carries the visit's key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from meshcoal.browser.elements import Address, Child, Element, el, put
from meshcoal.errors import BadArgument
from meshcoal.text.folding import fold
from meshcoal.text.sanitise import clean
from meshcoal.tui.locale import _

KEY_FIELD: Final = "form-key"
DO_FIELD: Final = "do"  # which button sent the form
WORD_FIELD: Final = "typed"
_ROWS: Final = {"text": "6", "long": "18"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that a browser sent."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Values:
    """What a form held: texts by name, of checks several; and files."""

    texts: Mapping[str, tuple[str, ...]]
    files: tuple[Upload, ...] = ()

    def __getitem__(self, key: str) -> str:
        found = self.texts.get(key, ())
        return found[-1] if found else ""

    def line(self, key: str) -> str:
        """One line, without blanks at its ends."""
        return " ".join(self[key].split())

    def text(self, key: str) -> str:
        """Several lines, as every program of ours ends them."""
        return self[key].replace("\r\n", "\n").replace("\r", "\n").strip()

    def all(self, key: str) -> tuple[str, ...]:
        return self.texts.get(key, ())

    def filled(self, key: str, otherwise: str) -> str:
        """What was answered; otherwise what stood there."""
        return self[key] if key in self.texts else otherwise

    def __contains__(self, key: str) -> bool:
        return key in self.texts


NONE: Final = Values({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question. `choices` are (value, words) for `choice` and `checks`; `hint` stands below the label."""

    name: str
    label: str
    kind: Literal["line", "secret", "text", "long", "choice", "checks", "file", "moment"] = "line"
    value: str = ""
    values: tuple[str, ...] = ()  # of checks
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    required: bool = False
    lang: str = ""


def form(
    address: Address,
    key: str,
    fields: Sequence[Field],
    buttons: Sequence[tuple[str, str]],
    values: Values = NONE,
    *,
    hidden: Mapping[str, str] | None = None,
    danger: bool = False,
    prefix: str = "f",
    before: Child = None,
    files: bool = False,
    label: str = "",
) -> Element:
    """A form that sends itself to `address`.

    Args:
        buttons: (value of `do`, words); the first is what the enter key does.
        values: what was filled in before, and is filled in again.
        hidden: further answers that nobody is asked for again.
        prefix: of the ids in the page, where several forms stand in one.
    """
    made = el("form", before, method="post", action=address)
    if files:
        made.set("enctype", "multipart/form-data")
    if label:
        made.set("aria-label", clean(label, multiline=False))
    put(made, el("input", type="hidden", name=KEY_FIELD, value=key))
    for name, value in (hidden or {}).items():
        put(made, el("input", type="hidden", name=name, value=value))
    put(made, [_question(field, values, prefix) for field in fields])
    row = el("div", class_="buttons")
    for at, (do, words) in enumerate(buttons):
        grave = "danger" if danger and not at else "first" if not at else "other"
        put(
            row,
            el("button", words, type="submit", name=DO_FIELD, value=do, class_=grave, formnovalidate=at > 0),
        )
    return put(made, row)


def _question(field: Field, values: Values, prefix: str) -> Element:
    identity = f"{prefix}-{field.name}"
    hint = el("p", field.hint, class_="hint", id=f"{identity}-hint") if field.hint else None
    described = f"{identity}-hint" if field.hint else False
    if field.kind in ("choice", "checks"):
        return _choices(field, values, identity, hint, described)
    filled = values.filled(field.name, field.value)
    common: dict[str, str | bool] = {
        "id": identity,
        "name": field.name,
        "required": field.required,
        "aria_describedby": described,
    }
    if field.kind in ("text", "long"):
        # A parser drops the first line feed of a text field; one that is meant stays.
        box = el(
            "textarea", "\n", filled, rows=_ROWS[field.kind], dir="auto", lang=field.lang or False, **common
        )
    elif field.kind == "secret":
        box = el("input", type="password", autocomplete="off", **common)
    elif field.kind == "file":
        box = el("input", type="file", **common)
    elif field.kind == "moment":
        box = el("input", type="datetime-local", value=filled.replace(" ", "T"), **common)
    else:
        typed = field.name == WORD_FIELD
        box = el(
            "input", type="text", value="" if typed else filled, autocomplete="off", spellcheck="false",
            dir="auto", **common,
        )  # fmt: skip
    return el("div", el("label", field.label, for_=identity), hint, box, class_="question")


def _choices(
    field: Field, values: Values, identity: str, hint: Element | None, described: str | bool
) -> Element:
    several = field.kind == "checks"
    # Checks that are all empty send nothing: that the form was sent shows by its other fields.
    picked: tuple[str, ...] = field.values if several else (field.value,)
    if field.name in values or (several and values.texts):
        picked = values.all(field.name)
    made = el("fieldset", el("legend", field.label), hint, aria_describedby=described)
    for at, (value, words) in enumerate(field.choices):
        one = f"{identity}-{at}"
        box = el(
            "input", type="checkbox" if several else "radio", id=one, name=field.name, value=value,
            checked=value in picked, required=field.required and not several,
        )  # fmt: skip
        put(made, el("div", box, el("label", words, for_=one), class_="option"))
    return made


def problem(sentence: str) -> Element:
    """Why a form was refused, told first."""
    return el(
        "div",
        el("p", el("strong", _("Not done.")), " ", sentence),
        role="alert",
        class_="problem",
        id="problem",
    )


def typed_field(word: str) -> Field:
    """For what cannot be undone."""
    return Field(name=WORD_FIELD, label=_("Type “%(word)s”") % {"word": word}, required=True)


def must_type(values: Values, word: str) -> None:
    """Raises `BadArgument`."""
    if fold(values.line(WORD_FIELD)) != fold(word):
        raise BadArgument(_("to go on, type exactly: %(word)s") % {"word": word})


def chosen(values: Values, name: str, kind: Callable[[str], object]) -> None:
    """Raises `BadArgument` where a choice is none of those that were offered."""
    try:
        kind(values[name])
    except ValueError as exc:
        raise BadArgument(_("choose one of those that are offered")) from exc
