"""Names out of sight: on demand every name that the daemon told stands on the screens as a number.

Law: what is known of anybody stays as it is; hidden is only what is drawn, at the last moment. Two nets
hold: texts are drawn with a stand-in for each name, before they are wrapped; and what is left of a name in
any drawn line, whatever drew it, is dotted out. The same name keeps its number until the interface ends.

What people wrote stays, but for the names in it that are spelled as the daemon tells them. While names are
hidden nothing should be decided by what the screen says: somebody may have a name that is a word of ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from meshcoal.text.sanitise import one_line as _one_line
from meshcoal.tui.bidi import isolated
from meshcoal.tui.locale import _
from meshcoal.wire.record import Record

DOT: Final = "•"
IN_TEXT_CHARS_MIN: Final = 2  # a shorter name is hidden where it stands alone

# Fields of views that name somebody. A test holds of each field with words that it is known to or not to.
PEOPLE: Final = frozenset(
    [
        "admitted_by",
        "agreed",
        "asked_by",
        "checked_by",
        "cited_by",
        "credit",
        "deputies",
        "doubtful",
        "first_name",
        "given_name",
        "hidden_by",
        "holder",
        "holders",
        "introduced_by",
        "introducer_name",
        "known_name",
        "member",
        "my_name",
        "name",
        "named_by",
        "names",
        "namesake",
        "other_name",
        "peer_name",
        "petname",
        "pinned_by",
        "readers",
        "released_by",
        "said_by",
        "second_name",
        "set_aside",
        "told_by",
        "unsigned",
        "waits_for",
        "without_keys",
        "withdrawals",
        "witness",
        "accepted_by",
        "decided_by",
        "giver",
        "decides_for",
        "lapsed",
    ]
)
SIGNERS: Final = frozenset({"office", "office_name"})
# Whose `name` is that of an organisation or a person as it signs.
SIGNS: Final = frozenset(
    [
        "EntryView",
        "OutsiderView",
        "ReplyView",
        "GivenLine",
        "PaperLineView",
        "ProfileView",
        "OfficeView",
        "NameIn",
        "AskedView",
        "CallHolderView",
    ]
)
# Whose `name` is that of a thing.
THINGS: Final = frozenset(
    [
        "AddendumView",
        "AttachedView",
        "AttachmentView",
        "BundlePartView",
        "CallView",
        "CampaignSummaryView",
        "CampaignView",
        "ChannelView",
        "CarriedRequestView",
        "FileView",
        "SheetView",
    ]
)


@dataclass(slots=True)
class _State:
    on: bool = False
    numbers: dict[str, tuple[bool, int]] = field(default_factory=dict)  # by name: signs, number
    by_author: dict[bytes, int] = field(default_factory=dict)
    counts: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    pattern: re.Pattern[str] | None = None


_state: Final = _State()


def on() -> bool:
    """Whether names are hidden now."""
    return _state.on


def switch(hide: bool) -> None:
    """From now on so."""
    _state.on = hide


def forget() -> None:
    """All names, and that they were hidden: as when the interface begins."""
    _state.on = False
    for known in (_state.numbers, _state.by_author):
        known.clear()
    _state.counts.update({False: 0, True: 0})
    _state.pattern = None


# --- What the daemon tells


_PLANS: Final[dict[type, tuple[tuple[tuple[str, bool], ...], tuple[str, ...]]]] = {}


def _plan(kind: type) -> tuple[tuple[tuple[str, bool], ...], tuple[str, ...]]:
    """Of a class: fields in which a name may stand, and whether one signs under it; and all fields."""
    if kind not in _PLANS:
        every = tuple([one.name for one in fields(kind)])
        names = [one for one in every if one in PEOPLE or one in SIGNERS]
        if kind.__name__ in THINGS:
            names = [one for one in names if one != "name"]
        signs = kind.__name__ in SIGNS
        plan = [(one, one in SIGNERS or (signs and one in ("name", "names"))) for one in names]
        _PLANS[kind] = tuple(plan), every
    return _PLANS[kind]


def learn(view: Record) -> None:
    """Take note of every name in a view."""
    plan, every = _plan(type(view))
    author = getattr(view, "author", None)
    for one, signs in plan:
        value = getattr(view, one)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and text:
                own = one in ("name", "given_name", "petname") and not signs
                _learn(text, signs, author if own and isinstance(author, bytes) else b"")
    for each in every:
        value = getattr(view, each)
        if isinstance(value, Record):
            learn(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Record):
            for inner in value:
                learn(inner)


def _learn(text: str, signs: bool, author: bytes) -> None:
    text = _one_line(text)
    if not text or text in _state.numbers:
        return
    number = _state.by_author.get(author) if author else None
    if number is None:
        _state.counts[signs] += 1
        number = _state.counts[signs]
        if author:
            _state.by_author[author] = number
    _state.numbers[text] = (signs, number)
    _state.pattern = None


# --- What is drawn


def stand_in(text: str) -> str:
    """What stands for a known name."""
    signs, number = _state.numbers[text]
    if signs:
        return _("Signer %(number)d") % {"number": number}
    return _("Member %(number)d") % {"number": number}


def one_line(text: str, width_cells: int | None = None) -> str:
    """A text in one line, as `sanitise.one_line`, with names hidden before it is cut."""
    if not _state.on:
        return _one_line(text, width_cells)
    whole = _one_line(text)
    if whole in _state.numbers:
        return _one_line(stand_in(whole), width_cells)
    return _one_line(in_text(whole), width_cells)


def in_text(text: str) -> str:
    """A text with stand-ins."""
    if not _state.on:
        return text
    return _pattern().sub(lambda found: isolated(_stand_in(found[0])), text)


def found(text: str) -> list[tuple[int, int, str]]:
    """Where names stand in a text, from and to, and what stands for each."""
    if not _state.on:
        return []
    return [(one.start(), one.end(), isolated(_stand_in(one[0]))) for one in _pattern().finditer(text)]


def _stand_in(found: str) -> str:
    return stand_in(" ".join(_GAP.split(found)))


_GAP: Final = re.compile("[\\s\u2062\u2063]+")  # the signs of `bidi.directed` stand before words
_GAP_IN_TEXT: Final = "[\\s\u2062\u2063]+"


def _pattern() -> re.Pattern[str]:
    if _state.pattern is None:
        long = [name for name in _state.numbers if len(name) >= IN_TEXT_CHARS_MIN]
        long.sort(key=lambda name: (-len(name), name))
        _state.pattern = re.compile("|".join([_one(name) for name in long]) or "(?!)")
    return _state.pattern


def _one(name: str) -> str:
    """Words apart by any gap; whole words, in scripts whose words stand apart and take nothing on."""
    body = _GAP_IN_TEXT.join([re.escape(word) for word in _GAP.split(name)])
    before = r"(?<!\w)" if _cased(name[0]) else ""
    behind = r"(?!\w)" if _cased(name[-1]) else ""
    return f"{before}{body}{behind}"


def _cased(char: str) -> bool:
    return char.lower() != char.upper() or char.isascii()


def dotted(strip: Strip) -> Strip:
    """A line in which dots stand for what is left of names, as wide as before."""
    if not _state.on:
        return strip
    segments = list(strip)
    made = _dotted(segments)
    return strip if made is segments else Strip(made, strip.cell_length)


def _dotted(segments: list[Segment]) -> list[Segment]:
    line = "".join([segment.text for segment in segments if not segment.control])
    spans = [found.span() for found in _pattern().finditer(line)]
    if not spans:
        return segments
    inside = {at for start, end in spans for at in range(start, end)}
    made = []
    at = 0
    for segment in segments:
        if segment.control:
            made.append(segment)
            continue
        chars = [
            DOT * cell_len(char) if at + by in inside and char != " " else char
            for by, char in enumerate(segment.text)
        ]
        at += len(segment.text)
        made.append(Segment("".join(chars), segment.style))
    return made


class Hider(LineFilter):
    """The net below everything that is drawn."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Textual's call, for every line of every widget."""
        return _dotted(segments)


def learned() -> Sequence[str]:
    """The names known by now, for tests."""
    return tuple(_state.numbers)
