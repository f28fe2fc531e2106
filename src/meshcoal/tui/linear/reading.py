"""What a widget says: one reader for each kind, found by its class or the nearest one above it.

Law: everything that is shown is said, in the order in which it stands; what can be chosen, written or pressed
is an item with a number. A secret is never said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from textual.containers import Container, Horizontal, ScrollableContainer, Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, ProgressBar, TabbedContent

from meshcoal.tui.linear.words import exact, harmless, worded
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.widgets.bars import BusyLine
from meshcoal.tui.widgets.plain import (
    PlainButton,
    PlainCheck,
    PlainChoice,
    PlainInput,
    PlainLabel,
    PlainOptions,
    PlainPane,
    PlainRadio,
    PlainStatic,
    PlainText,
)
from meshcoal.tui.widgets.qr import QrBlock

_EXACT: Final = {"exact", "exact-scroll"}  # what is signed, letter for letter
_FIELDS: Final = (PlainInput, PlainText, PlainChoice)
_OF_TEXTUAL: Final = {"ToastRack", "Tooltip"}  # what they hold is said when it comes, or helps only the mouse


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines of a screen. `key` is the same as long as they tell of the same thing."""

    key: tuple[object, ...]
    lines: tuple[str, ...]
    widget: Widget
    item: bool = False  # it has a number
    at: str = ""  # of a list's row, its key; of a page, its id
    chosen: bool = False
    label: str = ""  # what is asked for


Parts = Iterator[Part]
Reader = Callable[[Any, str], Parts]


def parts(screen: Screen[Any]) -> list[Part]:
    """All that a screen says."""
    return list(_children(screen))


def read(widget: Widget, label: str = "") -> Parts:
    """What a widget says; `label` stands before it."""
    if widget.display and type(widget).__name__ not in _OF_TEXTUAL:
        yield from reader_of(type(widget))(widget, label)


def reader_of(kind: type[Widget]) -> Reader:
    """The reader of a kind of widget."""
    for above in kind.__mro__:
        if above in READERS:
            return READERS[above]
    raise AssertionError(f"{kind.__name__} says nothing: give it a reader")


def label_of(screen: Screen[Any], widget: Widget) -> str:
    """What a field asks for."""
    found = [part.label for part in parts(screen) if part.widget is widget and part.label]
    return found[0] if found else ""


def _children(widget: Widget, _label: str = "") -> Parts:
    """A label says what the field behind it asks for."""
    label: PlainLabel | None = None
    for child in widget.children:
        if isinstance(child, PlainLabel):
            if label is not None:
                yield from read(label)
            label = child
            continue
        takes = isinstance(child, _FIELDS) or "checks" in child.classes
        text = " ".join(worded(_plain(label.content))) if label is not None and label.display else ""
        if label is not None and not takes:
            yield from read(label)
            text = ""
        label = None
        yield from read(child, text)
    if label is not None:
        yield from read(label)


def _bare(label: str) -> str:
    return label.rstrip(":. ")


def _plain(content: object) -> str:
    return str(getattr(content, "plain", content))


def _static(widget: PlainStatic | PlainLabel, _label: str) -> Parts:
    of = {node.id for node in widget.ancestors_with_self if isinstance(node, Widget) and node.id}
    text = _plain(widget.content)
    said = exact(text) if of & _EXACT else worded(text)
    # Line by line, so that a change says no more than what has changed.
    for number, line in enumerate(said):
        if line.strip():
            yield Part((id(widget), number), (line,), widget)


def _qr(widget: QrBlock, _label: str) -> Parts:
    yield Part((id(widget),), (_("Here stands a QR code; its text is said too."),), widget)


def _options(widget: PlainOptions, _label: str) -> Parts:
    for at, row in enumerate(widget.rows):
        said = tuple(worded(row.text.plain))
        if not said:
            continue
        chosen = row.live and widget.highlighted == at
        yield Part((id(widget), row.key), said, widget, row.live, row.key, chosen)


def _input(widget: PlainInput, label: str) -> Parts:
    asked = _bare(label) or harmless(widget.placeholder)
    hint = harmless(widget.placeholder) if label else ""
    if widget.password:
        count = len(widget.value)
        secret = ngettext("%(count)d character, not said", "%(count)d characters, not said", count)
        value = secret % {"count": count} if count else _("nothing written")
    elif widget.value:
        value = harmless(widget.value)
    else:
        value = _("nothing written (%(hint)s)") % {"hint": hint} if hint else _("nothing written")
    said = f"{asked}: {value}" if asked else value
    yield Part((id(widget),), (_not_now(widget, said),), widget, not widget.disabled, label=asked or " ")


def _text(widget: PlainText, label: str) -> Parts:
    asked = _bare(label) or (_("Text") if widget.id != "composer" else _("Message"))
    said: tuple[str, ...]
    if not widget.text:
        said = (_("%(field)s: nothing written") % {"field": asked},)
    else:
        count = widget.document.line_count
        head = ngettext("%(field)s, %(count)d line:", "%(field)s, %(count)d lines:", count)
        said = (head % {"field": asked, "count": count}, *exact(widget.text))
    yield Part((id(widget),), said, widget, not widget.disabled, label=asked)


def _choice(widget: PlainChoice, label: str) -> Parts:
    if label:
        yield Part((id(widget), "label"), (f"{_bare(label)}:",), widget, label=_bare(label))
    for number, one in enumerate(widget.query(PlainRadio)):
        said = harmless(_plain(one.label))
        if one.value:
            said = _("%(option)s (chosen)") % {"option": said}
        yield Part((id(widget), number), (said,), one, item=True, label=label)


def _check(widget: PlainCheck, _label: str) -> Parts:
    said = harmless(_plain(widget.label))
    state = _("yes") if widget.value else _("no")
    yield Part((id(widget),), (f"{said}: {state}",), widget, item=True, label=said)


def _checks(widget: Widget, label: str) -> Parts:
    if label:
        yield Part((id(widget), "label"), (f"{_bare(label)}:",), widget)
    yield from _children(widget)


def _button(widget: PlainButton, _label: str) -> Parts:
    said = _("%(caption)s, a button") % {"caption": caption(widget)}
    yield Part((id(widget),), (_not_now(widget, said),), widget, not widget.disabled)


def caption(widget: PlainButton) -> str:
    """What stands on a button."""
    return harmless(_plain(widget.label)).strip()


def _not_now(widget: Widget, said: str) -> str:
    return _("%(thing)s (not now)") % {"thing": said} if widget.disabled else said


def _pages(widget: TabbedContent, _label: str) -> Parts:
    """The page that is shown; the others are named."""
    names = {
        str(pane.id): harmless(_plain(widget.get_tab(str(pane.id)).label)) for pane in widget.query(PlainPane)
    }
    for pane_id, said in names.items():
        shown = pane_id == widget.active
        text = _("Page %(name)s (shown)") if shown else _("Page %(name)s")
        key = (id(widget), pane_id)
        yield Part(key, (text % {"name": said},), widget, not shown, pane_id)
    for pane in widget.query(PlainPane):
        if pane.id == widget.active:
            yield from _children(pane)


def _progress(widget: ProgressBar, _label: str) -> Parts:
    if widget.percentage is not None:
        yield Part((id(widget),), (f"{round(100 * widget.percentage)} %",), widget)


def _busy(widget: BusyLine, _label: str) -> Parts:
    if widget.has_class("-on"):
        what = " ".join(worded(_plain(widget.query_one(PlainLabel).content)))
        done = widget.query_one(ProgressBar).percentage
        yield Part((id(widget),), (what if done is None else f"{what}: {round(100 * done)} %",), widget)


def _nothing(_widget: Widget, _label: str) -> Parts:
    """It is said in another way, or helps only those who see."""
    return iter(())


READERS: Final[dict[type[Widget], Reader]] = {
    PlainStatic: _static,
    PlainLabel: _static,
    QrBlock: _qr,
    PlainOptions: _options,
    PlainInput: _input,
    PlainText: _text,
    PlainChoice: _choice,
    PlainRadio: _nothing,  # said by the choice it belongs to
    PlainCheck: _check,
    PlainButton: _button,
    TabbedContent: _pages,
    ProgressBar: _progress,
    BusyLine: _busy,
    Footer: _nothing,  # its actions are named below each screen
    PlainPane: _children,
    Vertical: _checks,
    Horizontal: _children,
    Container: _children,
    ScrollableContainer: _children,
    Screen: _children,
}
