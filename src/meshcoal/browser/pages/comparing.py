"""What was changed, what is signed letter for letter, and two languages side by side.

Law: nothing that differs is left out. Marks and words tell it, a colour never alone. Where a character of the
exact text cannot be shown, that is said.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Final

from meshcoal.api.views import EntryState, RevisionView, StatementView
from meshcoal.browser.elements import Child, Element, el, language_name, name, put, said
from meshcoal.browser.pages.letter import direction_of, languages_of, statement, text_of
from meshcoal.browser.visit import Page, Sheet, Visit
from meshcoal.errors import Unknown
from meshcoal.text.aligning import Pairing, aligned
from meshcoal.text.changes import changed_lines
from meshcoal.text.sanitise import clean
from meshcoal.tui import shown
from meshcoal.tui.locale import _

_WORDS: Final = re.compile(r"\s+|\w+|[^\w\s]")


class ExactPage(Page):
    """Ids: campaign, letter."""

    async def show(self, visit: Visit) -> Sheet:
        view = await statement(visit)
        if not view.digest:
            raise Unknown(
                _("Nothing is signed yet: the exact text comes into being when the letter is frozen.")
            )
        return Sheet(
            heading=_("Exactly this is signed"),
            body=[*version_changes(view), *exact_text(view)],
            trail=(letter_link(visit, view),),
        )


class ChangesPage(Page):
    """Ids: campaign, letter, revision: against the one that it was made from."""

    async def show(self, visit: Visit) -> Sheet:
        view = await statement(visit)
        revision = revision_of(view, visit.word(2))
        base = next((one for one in view.revisions if one.id == revision.base), None)
        if base is None:
            told = _("The first text in this language; there is nothing to compare it with.")
            body: list[Child] = [el("p", told)]
        else:
            fields = {"name": name(revision.name, 24), "before": name(base.name, 24)}
            told = _("What %(name)s changed from the revision by %(before)s:") % fields
            body = [el("p", told), _compared(base.title, revision.title, "h2", revision)]
            body += _paragraphs(base, revision)
        return Sheet(heading=_("What this revision changed"), body=body, trail=(letter_link(visit, view),))


class BesidePage(Page):
    """Ids: campaign, letter, the language on the second side; that on the first."""

    async def show(self, visit: Visit) -> Sheet:
        view = await statement(visit)
        known = languages_of(view)
        if len(known) < 2:
            raise Unknown(_("This letter has one language only."))
        right = visit.word(2) if visit.word(2) in known else known[1]
        others = [one for one in known if one != right]
        source = text_of(view, right).translates
        translated = next((one.language for one in view.revisions if source and one.id == source), "")
        left = visit.word(3) if visit.word(3) in others else translated if translated in others else others[0]
        one, other = text_of(view, left), text_of(view, right)
        choices = [
            el(
                "li",
                visit.link(
                    (said(language_name(first)), " – ", said(language_name(second))),
                    "beside",
                    view.campaign,
                    view.id,
                    second,
                    first,
                ),
            )
            for first in known
            for second in known
            if first != second and (first, second) != (left, right)
        ]
        body: list[Child] = [el("div", _head(visit, one), _head(visit, other), class_="beside")]
        body.append(_row(one, other, one.title, other.title))
        body += [_row(one, other, *pair) for pair in _pairs(view, one, other)]
        body.append(
            el("nav", el("h2", _("Other languages")), el("ul", choices), aria_label=_("Other languages"))
        )
        return Sheet(heading=_("Two languages side by side"), body=body, trail=(letter_link(visit, view),))


def letter_link(visit: Visit, view: StatementView) -> Element:
    return visit.link(said(view.title), "letter", view.campaign, view.id)


def revision_of(view: StatementView, identity: str) -> RevisionView:
    """Raises `Unknown`."""
    for one in view.revisions:
        if one.id.hex() == identity:
            return one
    raise Unknown(_("There is no such text in this letter."))


def version_changes(view: StatementView) -> list[Child]:
    """What differs from the version that was signed, or from the one before; nothing for the first."""
    if not view.earlier_text:
        return []
    if view.mine is EntryState.LAPSED:
        head = _("Changed since version %(version)d, which you signed:")
    else:
        head = _("Changed since version %(version)d:")
    rows: list[Child] = [el("h2", head % {"version": view.earlier_version})]
    for mark, line in changed_lines(view.earlier_text, view.canonical_text):
        rows.append(el("p", el("strong", mark, " "), el("del" if mark == "-" else "ins", line, dir="auto")))
    return rows


def exact_text(view: StatementView) -> list[Child]:
    """The canonical text, with a warning where a page cannot show all of it."""
    rows: list[Child] = []
    if clean(view.canonical_text, multiline=True) != view.canonical_text:
        warning = _(
            "! This text holds characters that cannot be shown safely; they are left out or stand as �. "
            "Ask whoever wrote it why before you sign."
        )
        rows.append(el("p", warning, class_="warn"))
    text = el("div", class_="exact", dir="auto", id="exact-text")
    for line in view.canonical_text.split("\n"):  # each line with its own direction
        put(text, el("div", line or "\u00a0", dir="auto"))
    rows.append(text)
    rows.append(el("p", _("Digest %(digest)s") % {"digest": shown.short_digest(view.digest)}, class_="dim"))
    return rows


def _compared(old: str, new: str, tag: str, revision: RevisionView) -> Element:
    """One text with what is gone and what came; equal words stand once."""
    made = el(tag, dir=direction_of(revision), class_="said")
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    for kind, b_from, b_to, a_from, a_to in difflib.SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        gone, come = "".join(before[b_from:b_to]), "".join(after[a_from:a_to])
        if kind == "equal":
            put(made, come)
            continue
        if gone:
            put(made, el("del", "[-", gone, "-]"))
        if come:
            put(made, el("ins", "{+", come, "+}"))
    return made


def _paragraphs(base: RevisionView, revision: RevisionView) -> list[Child]:
    before, after = base.paragraphs, revision.paragraphs
    rows: list[Child] = []
    for kind, b_from, b_to, a_from, a_to in difflib.SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        old, new = before[b_from:b_to], after[a_from:a_to]
        if kind == "equal":
            rows += [said(text, "p", direction=direction_of(revision), class_="said dim") for text in new]
            continue
        for at in range(max(len(old), len(new))):
            rows.append(_compared("".join(old[at : at + 1]), "".join(new[at : at + 1]), "p", revision))
    return rows


def _head(visit: Visit, text: RevisionView) -> Element:
    by = _("translated by %(name)s") if text.translates else _("written by %(name)s")
    made = el("div", el("p", el("strong", said(language_name(text.language)))))
    put(made, el("p", by % {"name": name(text.name, 24)}, ", ", visit.moment(text.at_ms), class_="dim"))
    if text.checked_by:
        names = ", ".join([name(one, 20) for one in text.checked_by])
        put(made, el("p", _("compared by %(names)s") % {"names": names}, class_="dim"))
    elif text.translates:
        put(made, el("p", _("! nobody has compared it"), class_="warn"))
    return made


def _row(one: RevisionView, other: RevisionView, first: str, second: str, mark: str = "") -> Element:
    cells = [
        said(text or "–", "p", lang=side.language, direction=direction_of(side), class_="said")
        for side, text in ((one, first), (other, second))
    ]
    row = el("div", cells, class_="beside")
    return el("div", el("p", mark, class_="warn"), row) if mark else row


def _pairs(view: StatementView, one: RevisionView, other: RevisionView) -> list[tuple[str, str, str]]:
    """Paragraphs that belong together, and what is wrong between them."""
    known = {text.id: text for text in view.revisions}

    def says(text: RevisionView, language: str) -> Sequence[str] | None:
        if text.language == language:
            return text.paragraphs
        source = known.get(text.translates)
        return source.paragraphs if source is not None and source.language == language else None

    common: tuple[Sequence[str] | None, Sequence[str] | None] = (None, None)
    for language in (one.language, other.language):
        found = (says(one, language), says(other, language))
        if None not in found:
            common = found
            break
    rows = []
    for pair in aligned(len(one.paragraphs), len(other.paragraphs), *common):
        first = one.paragraphs[pair.one] if pair.one is not None else ""
        second = other.paragraphs[pair.other] if pair.other is not None else ""
        mark = ""
        if pair.pairing is Pairing.CHANGED:
            mark = _("! changed since it was translated")
        elif pair.pairing is not Pairing.SAME:
            mark = _("! stands in one language only")
        rows.append((first, second, mark))
    return rows
