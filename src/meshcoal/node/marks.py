"""What a message has become by what was done about it.

Law: a function of what counts, in whatever order it came: two nodes that hold the same show the same. Of one
author the last word in their own log holds; between authors, what stands deepest; and what was taken back
stays taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from meshcoal.ids import AuthorId
from meshcoal.log.reader import MarkRow, MessageRow
from meshcoal.wire.post import MENTION
from meshcoal.wire.terms import TalkAct

_AUTHOR_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What a message said at some time."""

    at_ms: int
    text: str
    mentions: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A message as it stands now."""

    editions: tuple[Edition, ...]  # at least one; the last is what it says
    taken_back: bool  # by its author
    hidden_by: AuthorId | None
    reactions: tuple[tuple[str, tuple[AuthorId, ...]], ...]  # most frequent first; authors ascending
    pinned_by: AuthorId | None

    @property
    def gone(self) -> bool:
        return self.taken_back or self.hidden_by is not None


def standing(row: MessageRow, marks: Iterable[MarkRow], counts: Callable[[MarkRow], bool]) -> Standing:
    """What a message has become.

    Args:
        marks: about this message, in any order.
        counts: whether one has an effect.
    """
    editions = [Edition(at_ms=row.at_ms, text=row.text, mentions=row.mentions)]
    taken_back = False
    hidden: MarkRow | None = None
    pin: MarkRow | None = None
    emoji: dict[AuthorId, str] = {}
    for mark in sorted(marks, key=lambda one: (one.seq, one.id)):
        if mark.about != row.id or not counts(mark):
            continue
        match TalkAct(mark.act):
            case TalkAct.EDIT:
                editions.append(Edition(at_ms=mark.at_ms, text=mark.text, mentions=mark.mentions))
            case TalkAct.TAKE_BACK if mark.author == row.author:
                taken_back = True
            case TalkAct.TAKE_BACK:
                hidden = _deeper(hidden, mark)
            case TalkAct.REACT:
                emoji[mark.author] = mark.text
            case TalkAct.PIN | TalkAct.UNPIN:
                pin = _deeper(pin, mark)
    gone = taken_back or hidden is not None
    return Standing(
        editions=tuple(editions),
        taken_back=taken_back,
        hidden_by=hidden.author if hidden is not None and not taken_back else None,
        reactions=() if gone else _counted(emoji),
        pinned_by=pin.author if pin is not None and pin.act == TalkAct.PIN and not gone else None,
    )


def pinned(marks: Iterable[MarkRow]) -> list[bytes]:
    """Messages whose last pin or unpin is a pin; the one pinned last first.

    Args:
        marks: those that count, ascending by (depth, id).
    """
    last = {mark.about: mark.act for mark in marks}
    order = list(dict.fromkeys(mark.about for mark in reversed(list(marks))))
    return [about for about in order if last[about] == TalkAct.PIN]


def spoken(text: str, mentions: bytes, name_of: Callable[[AuthorId], str]) -> str:
    """A text with the names of those mentioned in it, as they are called here."""
    if MENTION not in text:
        return text
    names = iter([f"@{name_of(author)}" for author in authors(mentions)])
    first, *parts = text.split(MENTION)
    return first + "".join([next(names, MENTION) + part for part in parts])


def authors(mentions: bytes) -> Iterator[AuthorId]:
    """Those whose keys stand one behind another."""
    for at in range(0, len(mentions), _AUTHOR_BYTES):
        yield AuthorId(mentions[at : at + _AUTHOR_BYTES])


def _deeper(one: MarkRow | None, other: MarkRow) -> MarkRow:
    return other if one is None or (one.depth, one.id) < (other.depth, other.id) else one


def _counted(emoji: dict[AuthorId, str]) -> tuple[tuple[str, tuple[AuthorId, ...]], ...]:
    by: dict[str, list[AuthorId]] = {}
    for author in sorted(emoji):
        if emoji[author]:
            by.setdefault(emoji[author], []).append(author)
    ordered = sorted(by.items(), key=lambda one: (-len(one[1]), one[0]))
    return tuple([(sign, tuple(who)) for sign, who in ordered])
