"""An addendum: who signed after a release, under a number of its own, and who took their sign-on back.

Law: the list that was released never changes. What comes later stands in addenda that are numbered from 1;
each names the release, and the digest of the addendum before it, so that none can be left out in the middle.
Specified in docs/protocol/statement.md, "Addenda". Ours, unreviewed.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedPackage, MeshcoalError
from meshcoal.limits import (
    ACCEPTED_MAX,
    ADDENDA_MAX,
    BATCHES_MAX,
    MEMBERS_MAX,
    PUBLISHED_MAX,
    SIGNATORIES_MAX,
)
from meshcoal.wire.body import Body
from meshcoal.wire.outsider import ListedOutside, OutsiderWithdrawal
from meshcoal.wire.plain import spell_id, spell_time
from meshcoal.wire.record import Id32, Items, OptionalId32, Range, Record, Size, TimeMs
from meshcoal.wire.sealed import OpenedSignOn
from meshcoal.wire.shape import dataclass

_ADDENDUM: Final = b"meshcoal addendum 1\n"

AddendumNumber = Annotated[int, Range(1, ADDENDA_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddendumFields(Record):
    """What the act key of who publishes an addendum signs, beside the digest of the statement and itself."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    release: Id32  # the tally digest of the release that it belongs to
    number: AddendumNumber
    before: OptionalId32  # SHA-256 of the text of the addendum before it; of the first, empty
    tally_digest: Id32  # of the sign-ons that it adds
    withdrawals: Annotated[tuple[Id32, ...], Items(0, PUBLISHED_MAX)]  # SHA-256 of the text of each
    published_ms: TimeMs


def addendum_text(digest: bytes, act_key: bytes, fields: AddendumFields) -> bytes:
    """The text that is signed. Raises `MalformedPackage`: the first names one before it, or another none."""
    if (fields.number == 1) != (fields.before == b""):
        raise MalformedPackage("an addendum names the one before it, but for the first")
    lines = [
        f"statement: {spell_id(digest)}",
        f"release: {spell_id(fields.release)}",
        f"number: {fields.number}",
        *([f"before: {spell_id(fields.before)}"] if fields.before else []),
        f"key: {spell_id(act_key)}",
        f"tally: {spell_id(fields.tally_digest)}",
        *[f"withdrawal: {spell_id(withdrawal)}" for withdrawal in fields.withdrawals],
        f"published: {spell_time(fields.published_ms)}",
    ]
    return _ADDENDUM + ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddendumBody(Body):
    """An act: adds sign-ons to a letter that is out, and tells who took theirs back."""

    statement: Id32
    digest: Id32  # SHA-256 of the text that was released
    release: Id32
    number: AddendumNumber
    before: OptionalId32
    sign_ons: Annotated[tuple[Id32, ...], Items(0, SIGNATORIES_MAX)]  # ids of `sign` operations
    tally_digest: Id32
    act_signature: Annotated[bytes, Size(64)]
    outside: Annotated[tuple[ListedOutside, ...], Items(0, BATCHES_MAX)] = ()  # by `accept`, ascending
    unsealed: Annotated[tuple[OpenedSignOn, ...], Items(0, MEMBERS_MAX)] = ()  # that were sealed
    # Of members and of outsiders alike; ascending by key, each once. Each proves itself.
    withdrawals: Annotated[tuple[OutsiderWithdrawal, ...], Items(0, ACCEPTED_MAX)] = ()
