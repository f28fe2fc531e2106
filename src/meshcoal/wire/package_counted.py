"""Of a package: the ring of those who may be counted and not named, who of it is named, and who is counted.

Law: as in `wire.package`, of which this is a part: one spelling, nothing unknown. What it says is checked by
`statement.counted_checks`. Specified in docs/protocol/package.md. Ours, unreviewed.
"""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedPackage, MeshcoalError
from meshcoal.limits import RING_KEYS_MAX
from meshcoal.wire.counted import RingPlace
from meshcoal.wire.counted import Signature as RingSignature
from meshcoal.wire.package_parts import Fields
from meshcoal.wire.plain import read_hex32, read_hex64
from meshcoal.wire.record import Count, Id32, Items, Record
from meshcoal.wire.shape import dataclass

_HEX: Final = re.compile(r"(?:[0-9a-f]{64})+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedKey(Record):
    """An entry of the list says which key of the ring is theirs."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    act_key: Id32
    place: RingPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicCount(Record):
    """All of it, as the package has it."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    ring: Annotated[tuple[Id32, ...], Items(1, RING_KEYS_MAX)]  # ascending
    named: Annotated[tuple[NamedKey, ...], Items(0, RING_KEYS_MAX)]  # ascending by act key
    sign_ons: Annotated[tuple[RingSignature, ...], Items(0, RING_KEYS_MAX)]  # ascending by tag
    withdrawals: Annotated[tuple[RingSignature, ...], Items(0, RING_KEYS_MAX)]  # ascending by tag
    counted: Count  # as the package states it; a verifier counts again


def plain_count(count: PublicCount | None) -> dict[str, object]:
    """As it stands in the file; empty where the letter has no ring."""
    if count is None:
        return {}
    return {
        "counted": count.counted,
        "named": [
            {
                "key": one.act_key.hex(),
                "opening": one.place.opening.hex(),
                "ring_key": one.place.ring_key.hex(),
                "signature": one.place.act_signature.hex(),
                "tag": one.place.tag.hex(),
            }
            for one in count.named
        ],
        "ring": [key.hex() for key in count.ring],
        "sign_ons": [signature.hex() for signature in count.sign_ons],
        "withdrawals": [signature.hex() for signature in count.withdrawals],
    }


def read_count(item: object) -> PublicCount | None:
    """Inverse of `plain_count`. Raises `MalformedPackage`."""
    if item == {}:
        return None
    fields = Fields(item, "the count")
    count = PublicCount(
        ring=tuple([read_hex32(key, "a ring key") for key in fields.texts("ring")]),
        named=tuple([_named(one) for one in fields.items("named")]),
        sign_ons=tuple([_signature(one) for one in fields.texts("sign_ons")]),
        withdrawals=tuple([_signature(one) for one in fields.texts("withdrawals")]),
        counted=fields.number("counted"),
    )
    fields.finish()
    return count


def _named(item: object) -> NamedKey:
    fields = Fields(item, "a named member")
    named = NamedKey(
        act_key=read_hex32(fields.text("key"), "a key"),
        place=RingPlace(
            ring_key=read_hex32(fields.text("ring_key"), "a ring key"),
            tag=read_hex32(fields.text("tag"), "a tag"),
            opening=read_hex64(fields.text("opening"), "an opening"),
            act_signature=read_hex64(fields.text("signature"), "a signature"),
        ),
    )
    fields.finish()
    return named


def _signature(spelled: str) -> bytes:
    if len(spelled) > 64 * (RING_KEYS_MAX + 2) or not _HEX.fullmatch(spelled):
        raise MalformedPackage("a ring signature is not in its spelling")
    return bytes.fromhex(spelled)
