"""What people outside a campaign say of a letter, as it stands in operations and in replies.

Law: a sign-on from outside is of the same form as every other in a package: what a public text can hold, an
outsider can sign; a withdrawal names exactly one sign-on.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from meshcoal.errors import MalformedReply, MeshcoalError
from meshcoal.ids import Digest
from meshcoal.limits import ACCEPTED_MAX, MEMBERS_MAX
from meshcoal.wire.package_parts import SignOn
from meshcoal.wire.public_text import digest_of, sign_on_text, withdrawal_text
from meshcoal.wire.record import Id32, Items, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import NameMode

Outsider = SignOn


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsiderWithdrawal(Record):
    """Takes back one sign-on from outside, with the signature of its key over `withdrawal_text`."""

    error: ClassVar[type[MeshcoalError]] = MalformedReply

    act_key: Id32
    sign_on: Id32  # SHA-256 of the text of the sign-on
    withdrawn_ms: TimeMs
    signature: Annotated[bytes, Size(64)]


Said = Outsider | OutsiderWithdrawal


def check_said(said: Said) -> None:
    """Outsiders are named, and ask no conditions: there is nobody to whom an annex or a logo would go.

    Raises:
        MalformedReply: something that members alone can say.
    """
    if isinstance(said, Outsider):
        fields = said.fields
        if fields.mode is not NameMode.NAMED or fields.logo or fields.annex or fields.condition:
            raise MalformedReply("a sign-on from outside is named, without logo, annex or condition")


def said_text(digest: bytes, said: Said) -> bytes:
    """What the outsider's key signed under the letter with this digest. Raises `MalformedPackage`."""
    if isinstance(said, OutsiderWithdrawal):
        return withdrawal_text(digest, said.act_key, said.sign_on, said.withdrawn_ms)
    return sign_on_text(digest, said.act_key, said.fields)


def said_digest(digest: bytes, said: Said) -> Digest:
    """SHA-256 of it: what a withdrawal names, and by which a reply is known again. Raises as `said_text`."""
    return digest_of(said_text(digest, said))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyShares(Record):
    """A secret in parts, each sealed to one holder (`crypto.threshold.Dealt`)."""

    error: ClassVar[type[MeshcoalError]] = MalformedReply

    commitment: Id32
    ephemeral: Id32
    content: Annotated[bytes, Size(48)]
    shares: Annotated[tuple[Annotated[bytes, Size(48)], ...], Items(1, MEMBERS_MAX)]
    checks: Annotated[tuple[Annotated[bytes, Size(16)], ...], Items(1, MEMBERS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedOutside(Record):
    """Which sign-ons of one `accept` operation are on a release's list: a bit for each, the lowest first."""

    error: ClassVar[type[MeshcoalError]] = MalformedReply

    accept: Id32
    places: Annotated[bytes, Size(1, ACCEPTED_MAX // 8)]

    def listed(self) -> tuple[int, ...]:
        """The places, ascending from 0."""
        bits = int.from_bytes(self.places, "little")
        return tuple([at for at in range(8 * len(self.places)) if bits >> at & 1])


def listed_outside(accept: bytes, places: tuple[int, ...]) -> ListedOutside:
    """Inverse of `listed`, in the one spelling: no byte more than is needed."""
    bits = sum(1 << at for at in places)
    return ListedOutside(accept=accept, places=bits.to_bytes((max(places) + 8) // 8, "little"))
