"""Finding talk and letters again: the command and its view.

Law: as in `api.commands` and `api.views`, of which this is a part.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.fields import Command, Short
from meshcoal.limits import FOUND_PAGE_MAX, QUESTION_CHARS_MAX
from meshcoal.wire.record import Chars, Count, Id32, Items, OptionalId32, Range, Record, Size
from meshcoal.wire.shape import dataclass


class FoundKind(enum.StrEnum):
    MESSAGE = "message"
    EDITION = "edition"  # what a message said at some time since
    LETTER = "letter"
    COMMENT = "comment"
    CASE = "case"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(Command):
    """Messages, comments, letters and cases with all these words, the last to arrive first. `FoundsView`."""

    text: Annotated[str, Chars(1, QUESTION_CHARS_MAX)]
    campaign: OptionalId32 = b""  # empty: in all
    before: Count = 0  # `FoundsView.before` of the page above; 0: the first page
    limit: Annotated[int, Range(1, FOUND_PAGE_MAX)] = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundView(Record):
    """Where something was found, with a piece of its text."""

    kind: FoundKind
    campaign: Id32
    campaign_name: Short
    channel: Annotated[bytes, Size(0, 16, between=False)]  # of a message
    place: Short  # the channel's name, or the title of the letter or case
    message: OptionalId32  # of a message: itself, also where an edition was found
    about: OptionalId32  # the letter or the case
    name: Short
    me: bool
    at_ms: Count
    excerpt: Short
    lit_from: Count  # in the excerpt: what was found
    lit_to: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundsView(Record):
    found: Annotated[tuple[FoundView, ...], Items(0, FOUND_PAGE_MAX)]
    before: Count  # ask again with this for more; 0: there is no more
    unindexed: Count  # operations that are looked through: the index is filled behind
    operations: Count  # of all
