"""Addenda as they stand in a package.

Law: as in `wire.package`, of which this is a part; in the file they ascend by their number, from 1.
Specified in docs/protocol/package.md. Ours, unreviewed.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedPackage, MeshcoalError
from meshcoal.limits import PUBLISHED_MAX
from meshcoal.wire.addendum import AddendumNumber
from meshcoal.wire.package_parts import (
    Fields,
    Signature,
    SignOn,
    Withdrawal,
    plain_sign_on,
    plain_withdrawal,
    read_sign_on,
    read_withdrawal,
)
from meshcoal.wire.plain import read_hex32, read_hex64, read_time, spell_time
from meshcoal.wire.record import Id32, Items, OptionalId32, Record, TimeMs
from meshcoal.wire.shape import dataclass

_STEM: Final = "addendum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addendum(Record):
    """Those who signed since, in the order of their keys, with the signature of who published it."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    number: AddendumNumber
    act_key: Id32
    release: Id32
    before: OptionalId32
    tally_digest: Id32
    published_ms: TimeMs
    signature: Signature
    sign_ons: Annotated[tuple[SignOn, ...], Items(0, PUBLISHED_MAX)]
    withdrawals: Annotated[tuple[Withdrawal, ...], Items(0, PUBLISHED_MAX)]


def plain_addendum(addendum: Addendum) -> dict[str, object]:
    """As it stands in the file."""
    return {
        "before": addendum.before.hex(),
        "key": addendum.act_key.hex(),
        "number": addendum.number,
        "published": spell_time(addendum.published_ms),
        "release": addendum.release.hex(),
        "sign_ons": [plain_sign_on(sign_on) for sign_on in addendum.sign_ons],
        "signature": addendum.signature.hex(),
        "tally": addendum.tally_digest.hex(),
        "withdrawals": [plain_withdrawal(withdrawal) for withdrawal in addendum.withdrawals],
    }


def read_addendum(item: object) -> Addendum:
    """Inverse of `plain_addendum`. Raises `MalformedPackage`."""
    fields = Fields(item, "an addendum")
    before = fields.text("before")
    addendum = Addendum(
        number=fields.number("number"),
        act_key=read_hex32(fields.text("key"), "a key"),
        release=read_hex32(fields.text("release"), "the release of an addendum"),
        before=read_hex32(before, "the addendum before") if before else b"",
        tally_digest=read_hex32(fields.text("tally"), "the tally's digest"),
        published_ms=read_time(fields.text("published")),
        signature=read_hex64(fields.text("signature"), "a signature"),
        sign_ons=tuple([read_sign_on(one) for one in fields.items("sign_ons")]),
        withdrawals=tuple([read_withdrawal(one) for one in fields.items("withdrawals")]),
    )
    fields.finish()
    return addendum


def stem_of(digest: bytes, addenda: int) -> str:
    """How the files of a released letter begin: nothing in it was typed by anybody.

    With addenda it ends with their number, so that a later copy overwrites no earlier one.
    """
    stem = f"statement-{digest.hex()[:8]}"
    return f"{stem}-{_STEM}-{addenda}" if addenda else stem
