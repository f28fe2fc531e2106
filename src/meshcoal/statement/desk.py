"""Sealing and opening what organisers tell each other about a letter.

Law: a note opens for each of its holders alone, at one place only: letter and author are bound into the seal.
What does not open is shown to nobody. Specified in docs/protocol/desk.md. Ours, unreviewed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from meshcoal.crypto import threshold
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.sealing import pad, unpad
from meshcoal.crypto.threshold import Dealt
from meshcoal.ids import AuthorId, OperationId
from meshcoal.statement.model import DeskEntry, Reason, Row
from meshcoal.wire import record
from meshcoal.wire.desk import DeskBody, DeskNote, Review, SealedNote

_DESK: Final = b"meshcoal desk 1\0"


def seal_note(
    note: DeskNote, links: Sequence[bytes], *, digest: bytes, author: bytes, entropy: Entropy
) -> SealedNote:
    """Seal a note to these link keys (X25519). Raises `BadKey`, `OverLimit`."""
    dealt = threshold.deal(
        entropy.take(threshold.KEY_BYTES), pad(record.encode(note)), links, 1, _place(digest, author)
    )
    return SealedNote(
        commitment=dealt.commitment,
        ephemeral=dealt.ephemeral,
        content=dealt.content,
        shares=dealt.shares,
        checks=dealt.checks,
    )


def open_note(
    sealed: SealedNote, at: int, link: AgreementKey, links: Sequence[bytes], *, digest: bytes, author: bytes
) -> DeskNote:
    """Inverse of `seal_note`, as holder `at` (from 1).

    Raises:
        BadShare, BadEnvelope, BadSeal: it does not open, or was not made as it should be.
        MalformedBody, OverLimit: what is inside is no note.
    """
    place = _place(digest, author)
    dealt = Dealt(
        commitment=sealed.commitment,
        ephemeral=sealed.ephemeral,
        content=sealed.content,
        shares=sealed.shares,
        checks=sealed.checks,
    )
    key = threshold.recover(dealt, {at: threshold.open_share(dealt, at, link, place)}, 1, place)
    return record.decode(DeskNote, unpad(threshold.unlock(dealt, key, links, 1, place)))


def _place(digest: bytes, author: bytes) -> bytes:
    return _DESK + digest + author


def fold(
    rows: Iterable[Row], digests: Iterable[bytes], refused: dict[OperationId, Reason]
) -> tuple[DeskEntry, ...]:
    """The sealed notes of a letter, in the order of the log; notes which are about no text of it."""
    known = set(digests)
    found = []
    for row in rows:
        body = row.body
        if not isinstance(body, DeskBody):
            continue
        count = len(body.holders)
        parts = {count, len(set(body.holders)), len(body.note.shares), len(body.note.checks)}
        if body.digest not in known:
            refused[row.id] = Reason.OTHER_TEXT
        elif parts != {count}:
            refused[row.id] = Reason.BAD_ENTRY
        else:
            found.append(DeskEntry(id=row.id, author=row.author, at_ms=body.at_ms, body=body))
    return tuple(found)


# --- What it says, once opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A note that was opened here."""

    author: AuthorId
    at_ms: int
    note: DeskNote


def last_asked(told: Iterable[Told]) -> dict[AuthorId, tuple[Told, int]]:
    """By member, the newest note that says they were asked, and how many say so."""
    found: dict[AuthorId, tuple[Told, int]] = {}
    for one in told:
        for member in one.note.asked:
            before = found.get(AuthorId(member))
            newest = one if before is None or before[0].at_ms <= one.at_ms else before[0]
            found[AuthorId(member)] = (newest, before[1] + 1 if before else 1)
    return found


def reviews(told: Iterable[Told]) -> dict[bytes, Told]:
    """By id of a reply, the last word on it, in the order of the log."""
    return {reply: one for one in told if one.note.review is not Review.NONE for reply in one.note.replies}
