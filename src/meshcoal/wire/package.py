"""The package: one JSON file that holds a released statement and everything that proves it.

Law: equal packages have equal bytes (RFC 8785), and a decoder takes that spelling and no other. It holds
what signatories chose to publish, public references and keys made for this campaign; no id of an operation,
no author key, no seat, no name a member goes by. What the file says is checked by `statement.verification`,
not here. Specified in docs/protocol/package.md.
"""

from __future__ import annotations

import base64
from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedPackage, MeshcoalError
from meshcoal.limits import ADDENDA_MAX, LOGO_BYTES_MAX, PAPER_SHEETS_MAX, PUBLISHED_MAX, STATEMENT_CHARS_MAX
from meshcoal.wire.package_addenda import Addendum as Addendum
from meshcoal.wire.package_addenda import plain_addendum, read_addendum
from meshcoal.wire.package_counted import PublicCount, plain_count, read_count
from meshcoal.wire.package_paper import (
    plain_paper_withdrawal,
    plain_sheet,
    read_paper_withdrawal,
    read_sheet,
)
from meshcoal.wire.package_parts import (
    Fields,
    Signature,
    check_bounds,
    plain_sign_on,
    plain_withdrawal,
    read_sign_on,
    read_withdrawal,
)
from meshcoal.wire.package_parts import SignOn as SignOn
from meshcoal.wire.package_parts import Withdrawal as Withdrawal
from meshcoal.wire.package_parts import read_json as read_json
from meshcoal.wire.package_parts import read_name_in as read_name_in
from meshcoal.wire.package_parts import spell_json as spell_json
from meshcoal.wire.paper import PaperWithdrawal, Sheet
from meshcoal.wire.plain import read_hex32, read_hex64, read_time, spell_time
from meshcoal.wire.record import Chars, Count, Id32, Items, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass

FORMAT: Final = "meshcoal package 1"
SUFFIX: Final = ".meshcoal.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Record):
    """The act that fixed the list."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    act_key: Id32
    released_ms: TimeMs
    tally_digest: Id32
    signature: Signature
    not_before_ms: TimeMs = 0  # it is not to be published earlier; 0: at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts(Record):
    """The count as the package states it; a verifier counts again."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    organisations: Count
    individuals: Count
    on_paper: Count = 0  # counted apart from both


@dataclass(frozen=True, slots=True, kw_only=True)
class Package(Record):
    """`canonical_text` is not parsed here: a verifier that names its damage needs it as it stands."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    canonical_text: Annotated[str, Chars(1, STATEMENT_CHARS_MAX)]
    digest: Id32
    sign_ons: Annotated[tuple[SignOn, ...], Items(0, PUBLISHED_MAX)]
    withdrawals: Annotated[tuple[Withdrawal, ...], Items(0, PUBLISHED_MAX)]
    release: Release
    counts: Counts
    # PNGs that signatories signed, ascending by their digests; those for which there is no room are left out.
    logos: Annotated[tuple[Annotated[bytes, Size(1, LOGO_BYTES_MAX)], ...], Items(0, PUBLISHED_MAX)] = ()
    addenda: Annotated[tuple[Addendum, ...], Items(0, ADDENDA_MAX)] = ()  # who signed since, by their number
    paper: Annotated[tuple[Sheet, ...], Items(0, PAPER_SHEETS_MAX)] = ()  # ascending by key, number
    paper_withdrawals: Annotated[tuple[PaperWithdrawal, ...], Items(0, PUBLISHED_MAX)] = ()
    unnamed: PublicCount | None = None  # where members may be counted and not named


def encode_package(package: Package) -> bytes:
    """The file's bytes: JSON in the spelling of RFC 8785, UTF-8, no line break. Raises `OverLimit`."""
    data = spell_json(
        {
            "addenda": [plain_addendum(addendum) for addendum in package.addenda],
            "canonical_text": package.canonical_text,
            "digest": package.digest.hex(),
            "format": FORMAT,
            "logos": [base64.b64encode(logo).decode() for logo in package.logos],
            "paper": [plain_sheet(sheet) for sheet in package.paper],
            "paper_withdrawals": [plain_paper_withdrawal(one) for one in package.paper_withdrawals],
            "release": {
                "key": package.release.act_key.hex(),
                "not_before": _spell_moment(package.release.not_before_ms),
                "released": spell_time(package.release.released_ms),
                "signature": package.release.signature.hex(),
                "tally": package.release.tally_digest.hex(),
            },
            "sign_ons": [plain_sign_on(sign_on) for sign_on in package.sign_ons],
            "tally": {
                "counted": len(package.sign_ons),
                "individuals": package.counts.individuals,
                "on_paper": package.counts.on_paper,
                "organisations": package.counts.organisations,
            },
            "unnamed": plain_count(package.unnamed),
            "withdrawals": [plain_withdrawal(withdrawal) for withdrawal in package.withdrawals],
        }
    )
    check_bounds(data)
    return data


def decode_package(data: bytes) -> Package:
    """Inverse of `encode_package`; checks form, not truth.

    Raises:
        OverLimit: the file is larger than any package.
        MalformedPackage: not JSON in its one spelling, a field missing, unknown, of the wrong kind or twice.
    """
    top = read_json(data, "the package")
    if top.text("format") != FORMAT:
        raise MalformedPackage(f"the file does not say `{FORMAT}`")
    release = Fields(top.take("release"), "the release")
    tally = Fields(top.take("tally"), "the tally")
    package = Package(
        canonical_text=top.text("canonical_text"),
        digest=read_hex32(top.text("digest"), "the digest"),
        sign_ons=tuple([read_sign_on(item) for item in top.items("sign_ons")]),
        withdrawals=tuple([read_withdrawal(item) for item in top.items("withdrawals")]),
        release=Release(
            act_key=read_hex32(release.text("key"), "a key"),
            released_ms=read_time(release.text("released")),
            tally_digest=read_hex32(release.text("tally"), "the tally's digest"),
            signature=read_hex64(release.text("signature"), "a signature"),
            not_before_ms=read_time(moment) if (moment := release.text("not_before")) else 0,
        ),
        counts=Counts(
            organisations=tally.number("organisations"),
            individuals=tally.number("individuals"),
            on_paper=tally.number("on_paper"),
        ),
        logos=tuple([_logo(spelled) for spelled in top.texts("logos")]),
        addenda=tuple([read_addendum(item) for item in top.items("addenda")]),
        paper=tuple([read_sheet(item) for item in top.items("paper")]),
        paper_withdrawals=tuple([read_paper_withdrawal(item) for item in top.items("paper_withdrawals")]),
        unnamed=read_count(top.take("unnamed")),
    )
    if tally.number("counted") != len(package.sign_ons):
        raise MalformedPackage("the package does not hold as many sign-ons as it says")
    for fields in (top, release, tally):
        fields.finish()
    if encode_package(package) != data:
        raise MalformedPackage("the file is not in its one canonical spelling")
    return package


def _spell_moment(at_ms: int) -> str:
    return spell_time(at_ms) if at_ms else ""


def _logo(spelled: str) -> bytes:
    if len(spelled) > 2 * LOGO_BYTES_MAX:
        raise MalformedPackage("a logo is too large")
    try:
        return base64.b64decode(spelled, validate=True)
    except ValueError as exc:
        raise MalformedPackage("a logo is not in base64") from exc
