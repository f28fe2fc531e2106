"""One dialog for every question with fields: it checks, asks, stays on failure, and keeps what was written.

Law: a refused form loses nothing: the sentence stands below the fields, and the fields are as they were.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Generic, Literal, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll

from meshcoal.errors import BadArgument, Locked, MeshcoalError
from meshcoal.tui.confirming import is_word
from meshcoal.tui.drafts import DraftKey
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import BUSY_AFTER_S, MeshModal, Ready, sentence_of
from meshcoal.tui.widgets.bars import BusyLine
from meshcoal.tui.widgets.plain import (
    PlainButton,
    PlainCheck,
    PlainChoice,
    PlainInput,
    PlainLabel,
    PlainStatic,
    PlainText,
    Styled,
)

T = TypeVar("T")
Values = dict[str, str]  # by field name; a choice gives its value, checks give theirs joined by line feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question. `choices` are (value, words) for `choice` and `checks`."""

    name: str
    label: str
    kind: Literal["line", "secret", "text", "choice", "checks"] = "line"
    value: str = ""
    placeholder: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False


class Form(MeshModal[T | None], Generic[T]):
    """Fields and two buttons. `act` gets the values and answers the form's result, or raises."""

    PLACE = "form"
    BINDINGS: ClassVar = [Binding("escape", "cancel", _("Cancel"), show=False)]
    AUTO_FOCUS = "PlainInput, PlainText, PlainChoice, PlainCheck, PlainButton"

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        act: Callable[[Values], Awaitable[T]],
        *,
        submit: str = "",
        explain: str | Styled = "",
        danger: bool = False,
        note: Callable[[Values], str] | None = None,
        kept: DraftKey = (),
    ) -> None:
        """A form.

        Args:
            note: is shown below the fields and follows what is written.
            kept: the place under which what is written is kept until it is done, also when the form is left.
        """
        super().__init__()
        self._kept = kept
        self._title = title
        self._fields = tuple(fields)
        self._act = act
        self._submit = submit or _("Do it")
        self._explain = explain
        self._danger = danger
        self._note = note
        self._under_way = False

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield PlainStatic(self._title, id="dialog-title")
            with VerticalScroll(id="dialog-fields", can_focus=False):
                if self._explain:
                    yield PlainStatic(self._explain, classes="note", id="dialog-explain")
                for field in self._begun():
                    with Horizontal(classes="field"):
                        yield PlainLabel(field.label)
                        yield from self._widget(field)
            yield PlainStatic("", id="dialog-note", classes="note")
            yield PlainStatic("", id="dialog-error", classes="error")
            yield BusyLine()
            with Horizontal(classes="buttons"):
                yield PlainButton(self._submit, id="submit", variant="error" if self._danger else "primary")
                yield PlainButton(_("Cancel"), id="cancel")

    def _begun(self) -> tuple[Field, ...]:
        """The questions, with what was written when the form was left before."""
        draft = self.mesh.drafts.get(self._kept, "")
        if not draft:
            return self._fields
        try:
            before = dict(json.loads(draft))
        except (ValueError, TypeError):
            return self._fields
        self.tell_draft(self._kept)
        return tuple(
            [
                replace(one, value=before[one.name])
                if isinstance(before.get(one.name), str) and _may_be(one, before[one.name])
                else one
                for one in self._fields
            ]
        )

    def _keep(self) -> None:
        values = {one.name: self._value(one) for one in self._fields if one.kind != "secret"}
        if values != {one.name: one.value for one in self._fields if one.kind != "secret"}:
            self.mesh.drafts[self._kept] = json.dumps(values, ensure_ascii=False)
        else:
            self.mesh.drafts.pop(self._kept, None)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The questions."""
        return self._fields

    def _widget(self, field: Field) -> ComposeResult:
        match field.kind:
            case "line" | "secret":
                yield PlainInput(
                    field.value,
                    placeholder=field.placeholder,
                    secret=field.kind == "secret",
                    id=f"field-{field.name}",
                )
            case "text":
                yield PlainText(field.value, placeholder=field.placeholder, id=f"field-{field.name}")
            case "choice":
                choices = [(words, value == field.value) for value, words in field.choices]
                yield PlainChoice(choices, id=f"field-{field.name}")
            case "checks":
                picked = field.value.split("\n")
                with Vertical(classes="checks", id=f"field-{field.name}"):
                    for value, words in field.choices:
                        yield PlainCheck(words, value in picked)

    def on_mount(self) -> None:
        for empty in ("#dialog-note", "#dialog-error"):
            self.query_one(empty).display = False
        self._follow()

    def values(self) -> Values:
        """What is written now."""
        return {field.name: self._value(field) for field in self._fields}

    def _value(self, field: Field) -> str:
        selector = f"#field-{field.name}"
        match field.kind:
            case "line":
                return self.query_one(selector, PlainInput).value.strip()
            case "secret":
                return self.query_one(selector, PlainInput).value
            case "text":
                return self.query_one(selector, PlainText).text.strip()
            case "choice":
                at = self.query_one(selector, PlainChoice).pressed_index
                return field.choices[at][0] if at >= 0 else ""
            case "checks":
                boxes = self.query_one(selector).query(PlainCheck)
                return "\n".join(
                    [value for (value, _words), box in zip(field.choices, boxes, strict=True) if box.value]
                )

    @on(PlainInput.Changed)
    @on(PlainChoice.Changed)
    @on(PlainText.Changed)
    def _follow(self) -> None:
        if self._kept and not self._under_way:
            self._keep()
        if self._note is not None:
            note = self.query_one("#dialog-note", PlainStatic)
            text = self._note(self.values())
            note.show(text)
            note.display = bool(text)

    @on(PlainInput.Submitted)
    def _next(self, event: PlainInput.Submitted) -> None:
        """Enter goes to the next question, and from the last one submits."""
        event.stop()
        if self._fields and event.input.id == f"field-{self._fields[-1].name}":
            self.submit()
        else:
            self.focus_next()

    @on(PlainButton.Pressed, "#submit")
    def _pressed(self) -> None:
        self.submit()

    @on(PlainButton.Pressed, "#cancel")
    def action_cancel(self) -> None:
        self.dismiss(None)

    def submit(self) -> None:
        """Check and act."""
        if self._under_way:
            return
        values = self.values()
        for field in self._fields:
            if field.required and not values[field.name]:
                self._fail(_("“%(field)s” is needed.") % {"field": field.label})
                self.query_one(f"#field-{field.name}").focus()
                return
        self._under_way = True
        self.query_one("#dialog-error").display = False
        self.run_worker(self._run(values), group="ask")

    async def _run(self, values: Values) -> None:
        timer = self.set_timer(BUSY_AFTER_S, lambda: self._busy(_("Working")))
        try:
            result = await self._act(values)
        except MeshcoalError as exc:
            failure = exc
            self.post_message(Ready(lambda: self._refused(failure)))
        else:
            self.post_message(Ready(lambda: self._finish(result)))
        finally:
            timer.stop()

    def _finish(self, result: T) -> None:
        if self._kept:
            self.mesh.drafts.pop(self._kept, None)
        self.dismiss(result)

    def _refused(self, exc: MeshcoalError) -> None:
        self._under_way = False
        self._fail(sentence_of(exc))
        if isinstance(exc, Locked):
            self.mesh.need_unlock()

    def _fail(self, sentence: str) -> None:
        error = self.query_one("#dialog-error", PlainStatic)
        error.show(sentence)
        error.display = True


def _may_be(field: Field, value: str) -> bool:
    """Whether what was picked before can be picked now."""
    if field.kind == "choice":
        return value in [one for one, _words in field.choices]
    return field.kind != "secret"


def must_type(word: str) -> Callable[[Values], None]:
    """A check for dialogs that want a word typed: raises `BadArgument` for any other.

    What counts as the word: see `tui.confirming`.
    """

    def check(values: Values) -> None:
        if not is_word(values["typed"], word):
            raise BadArgument(_("to go on, type exactly: %(word)s") % {"word": word})

    return check


def typed_field(word: str) -> Field:
    """The question that goes with `must_type`."""
    return Field(name="typed", label=_("Type “%(word)s”") % {"word": word}, required=True)
