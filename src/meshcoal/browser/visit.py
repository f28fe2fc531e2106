"""One request of the person who is in: what is asked, of whom, and what a page answers.

Law: a page that shows changes nothing, but for noting what was read; what changes something is sent once, by
a form. Where a text was being written it is kept under the vault before anything can lose it.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import ClassVar, Final, TypeVar

from meshcoal.api.commands import Command, DropDraft, KeepDraft, ListDrafts
from meshcoal.api.views import DraftsView, DraftView
from meshcoal.browser.elements import Address, Child, Element, el
from meshcoal.browser.forms import DO_FIELD, KEY_FIELD, NONE, WORD_FIELD, Field, Values, form
from meshcoal.browser.gate import Gate, Place
from meshcoal.errors import OverLimit, Unknown
from meshcoal.limits import DRAFT_BYTES_MAX
from meshcoal.tui import shown
from meshcoal.tui.locale import _
from meshcoal.tui.session import Session
from meshcoal.wire.record import Record

V = TypeVar("V", bound=Record)
KEEP: Final = "keep"
DROP: Final = "drop"
_NOT_KEPT: Final = (KEY_FIELD, DO_FIELD, WORD_FIELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a page shows."""

    heading: str
    body: Sequence[Child]
    trail: tuple[Element, ...] = ()  # links to what it is part of
    typed: bool = False  # something is written here: it must not be loaded anew by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file for the person to save, or (`inline`) to look at, in a sandbox without scripts."""

    name: str
    data: bytes
    media_type: str = "application/octet-stream"
    inline: bool = False


Answer = Place | Sheet | Download


@dataclass(slots=True, kw_only=True)
class Visit:
    """Time, place, and how to reach the daemon."""

    session: Session
    gate: Gate
    place: Place
    now_ms: int
    zone: tzinfo | None
    values: Values = NONE  # what a form held that came back, or a draft
    told: str = ""  # what is told on the page that comes next
    draft: DraftView | None = field(default=None)  # where the page shows one

    async def ask(self, command: Command, kind: type[V]) -> V:
        """The daemon's answer. Raises what it answered."""
        return await self.session.send(command, kind)

    # --- Where things are

    def id(self, at: int = 0, size: int = 32) -> bytes:
        """An id that the place names. Raises `Unknown`."""
        try:
            found = bytes.fromhex(self.place.ids[at])
        except (IndexError, ValueError) as exc:
            raise Unknown("There is nothing at this address.") from exc
        if len(found) != size:
            raise Unknown("There is nothing at this address.")
        return found

    def word(self, at: int) -> str:
        """A word of ours that the place names; empty where it names none."""
        return self.place.ids[at] if at < len(self.place.ids) else ""

    def to(self, page: str, *ids: bytes | str) -> Address:
        return self.gate.address(place_of(page, *ids))

    def link(self, words: Child, page: str, *ids: bytes | str, current: bool = False) -> Element:
        return el("a", words, href=self.to(page, *ids), aria_current="page" if current else False)

    def form(
        self,
        fields: Sequence[Field],
        buttons: Sequence[tuple[str, str]],
        *,
        place: Place | None = None,
        hidden: dict[str, str] | None = None,
        danger: bool = False,
        prefix: str = "f",
        before: Child = None,
        files: bool = False,
        label: str = "",
    ) -> Element:
        """A form that is answered where it stands, or at another place."""
        return form(
            self.gate.address(place or self.place),
            self.gate.form_key(),
            fields,
            buttons,
            self.values if place is None else NONE,
            hidden=hidden,
            danger=danger,
            prefix=prefix,
            before=before,
            files=files,
            label=label,
        )

    def button(self, words: str, do: str, *, place: Place | None = None, label: str = "") -> Element:
        """A form that is one button."""
        return self.form((), ((do, words),), place=place, prefix=do, label=label)

    # --- How times are told

    def moment(self, at_ms: int) -> Element:
        """A time that programs can read as well."""
        return el("time", shown.moment(at_ms, now_ms=self.now_ms, zone=self.zone))

    def at(self, at_ms: int) -> Element:
        """Date and time with its zone."""
        return el("time", self.exact(at_ms))

    def exact(self, at_ms: int) -> str:
        return shown.exact(at_ms, zone=self.zone)

    # --- Drafts

    @property
    def slot(self) -> str:
        return " ".join(["page", self.place.page, *self.place.ids])

    async def find_draft(self) -> None:
        """Fill in what was kept of this place, unless a form came back just now."""
        if self.values is not NONE:
            return
        kept = await self.ask(ListDrafts(), DraftsView)
        self.draft = next((one for one in kept.drafts if one.slot == self.slot), None)
        if self.draft is not None:
            self.values = opened(self.draft)

    async def keep_draft(self, values: Values) -> bool:
        """Put by what was written; false where nothing was. Raises `OverLimit`."""
        texts = {key: list(one) for key, one in values.texts.items() if key not in _NOT_KEPT and any(one)}
        if not texts:
            return False
        body = json.dumps(texts, ensure_ascii=False).encode("utf-8", "replace")
        if len(body) > DRAFT_BYTES_MAX:
            raise OverLimit(_("This is too long to be kept as a draft: shorten it."))
        await self.ask(KeepDraft(slot=self.slot, body=body), DraftsView)
        return True

    async def drop_draft(self) -> None:
        await self.ask(DropDraft(slot=self.slot), DraftsView)


class Page(ABC):
    """One kind of page."""

    WRITES: ClassVar[tuple[str, ...]] = ()  # buttons that send a text, which is kept until it is sent

    @abstractmethod
    async def show(self, visit: Visit) -> Sheet | Download:
        """Raises what the daemon answers."""

    async def act(self, visit: Visit, values: Values) -> Answer:
        """Do what a form asks; where to go then. Raises `MeshcoalError`: then the page comes back with it."""
        raise Unknown("Nothing can be done at this address.")


def place_of(page: str, *ids: bytes | str) -> Place:
    return Place(page=page, ids=tuple([one.hex() if isinstance(one, bytes) else one for one in ids]))


def place_in(slot: str) -> Place | None:
    """Where a draft was written; None: by another program."""
    words = slot.split(" ")
    return Place(page=words[1], ids=tuple(words[2:])) if len(words) > 1 and words[0] == "page" else None


def opened(draft: DraftView) -> Values:
    """What a draft holds; nothing where it was not written by pages."""
    try:
        found = json.loads(draft.body)
        return Values({str(key): tuple([str(one) for one in texts]) for key, texts in found.items()})
    except (ValueError, AttributeError, TypeError):
        return NONE


def draft_note(visit: Visit) -> Child:
    """Says that a draft is filled in, and offers to delete it."""
    if visit.draft is None:
        return None
    kept = _("This was kept as a draft, %(when)s.") % {
        "when": shown.moment(visit.draft.at_ms, now_ms=visit.now_ms, zone=visit.zone)
    }
    return el("div", el("p", kept), visit.button(_("Delete the draft"), DROP), class_="warn")
