"""The package: one JSON file that holds a released statement and everything that proves it.

Law: equal packages have equal bytes (RFC 8785), and a decoder takes that spelling and no other. It holds
what signatories chose to publish, public references and keys made for this campaign; no id of an operation,
no author key, no seat, no name a member goes by. What the file says is checked by `statement.verification`,
not here. Specified in docs/protocol/package.md.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, NoReturn

from meshcoal.errors import MalformedPackage, MeshcoalError, OverLimit
from meshcoal.limits import LOGO_BYTES_MAX, MIB, PACKAGE_BYTES_MAX, PUBLISHED_MAX, STATEMENT_CHARS_MAX
from meshcoal.wire.naming import NameIn, SignOnFields
from meshcoal.wire.plain import optional_line, read_hex32, read_hex64, read_time, required_line, spell_time
from meshcoal.wire.record import Chars, Count, Id32, Items, Record, Size, TimeMs
from meshcoal.wire.terms import Capacity, NameMode

FORMAT: Final = "meshcoal package 1"
SUFFIX: Final = ".meshcoal.json"

# What bounds the memory that a file can make the JSON parser take, whatever it holds.
_FILE_BYTES_MAX: Final = min(PACKAGE_BYTES_MAX, 16 * MIB)
_CONTAINERS_MAX: Final = 250_000
_SEPARATORS_MAX: Final = 1_000_000
_DIGITS_MAX: Final = 9  # every number in a package is a count

Signature = Annotated[bytes, Size(64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOn(Record):
    """One sign-on on the list, with the signature of its key over `public_text.sign_on_text`."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    act_key: Id32
    fields: SignOnFields
    signature: Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Record):
    """A notice that somebody on the list took their sign-on back."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    act_key: Id32
    withdrawn_ms: TimeMs
    signature: Signature


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


def encode_package(package: Package) -> bytes:
    """The file's bytes: JSON in the spelling of RFC 8785, UTF-8, no line break. Raises `OverLimit`."""
    data = spell_json(
        {
            "canonical_text": package.canonical_text,
            "digest": package.digest.hex(),
            "format": FORMAT,
            "logos": [base64.b64encode(logo).decode() for logo in package.logos],
            "release": {
                "key": package.release.act_key.hex(),
                "not_before": _spell_moment(package.release.not_before_ms),
                "released": spell_time(package.release.released_ms),
                "signature": package.release.signature.hex(),
                "tally": package.release.tally_digest.hex(),
            },
            "sign_ons": [_plain_sign_on(sign_on) for sign_on in package.sign_ons],
            "tally": {
                "counted": len(package.sign_ons),
                "individuals": package.counts.individuals,
                "organisations": package.counts.organisations,
            },
            "withdrawals": [
                {
                    "key": withdrawal.act_key.hex(),
                    "signature": withdrawal.signature.hex(),
                    "withdrawn": spell_time(withdrawal.withdrawn_ms),
                }
                for withdrawal in package.withdrawals
            ],
        }
    )
    _check_bounds(data)
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
    release = _Fields(top.take("release"), "the release")
    tally = _Fields(top.take("tally"), "the tally")
    package = Package(
        canonical_text=top.text("canonical_text"),
        digest=read_hex32(top.text("digest"), "the digest"),
        sign_ons=tuple([_sign_on(item) for item in top.items("sign_ons")]),
        withdrawals=tuple([_withdrawal(item) for item in top.items("withdrawals")]),
        release=Release(
            act_key=read_hex32(release.text("key"), "a key"),
            released_ms=read_time(release.text("released")),
            tally_digest=read_hex32(release.text("tally"), "the tally's digest"),
            signature=read_hex64(release.text("signature"), "a signature"),
            not_before_ms=read_time(moment) if (moment := release.text("not_before")) else 0,
        ),
        counts=Counts(organisations=tally.number("organisations"), individuals=tally.number("individuals")),
        logos=tuple([_logo(spelled) for spelled in top.texts("logos")]),
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


def _plain_sign_on(sign_on: SignOn) -> dict[str, object]:
    fields = sign_on.fields
    return {
        "affiliation": fields.affiliation,
        "annex": fields.annex.hex(),
        "capacity": fields.capacity.value,
        "condition": fields.condition.hex(),
        "country": fields.country,
        "key": sign_on.act_key.hex(),
        "languages_read": list(fields.languages_read),
        "logo": fields.logo.hex(),
        "members": fields.members,
        "mode": fields.mode.value,
        "name": fields.name,
        "names": [{"language": one.language, "name": one.name} for one in fields.names],
        "signature": sign_on.signature.hex(),
        "signed": spell_time(fields.signed_ms),
        "title": fields.title,
    }


def _sign_on(item: object) -> SignOn:
    fields = _Fields(item, "a sign-on")
    spelled = fields.text("capacity")
    if spelled not in {capacity.value for capacity in Capacity}:
        raise MalformedPackage("a capacity is unknown")
    mode = fields.text("mode")
    if mode not in {known.value for known in NameMode}:
        raise MalformedPackage("a name mode is unknown")
    sign_on = SignOn(
        act_key=read_hex32(fields.text("key"), "a key"),
        fields=SignOnFields(
            capacity=Capacity(spelled),
            name=optional_line(fields.text("name"), "a name"),
            title=optional_line(fields.text("title"), "a title"),
            affiliation=optional_line(fields.text("affiliation"), "an affiliation"),
            country=optional_line(fields.text("country"), "a country"),
            languages_read=fields.texts("languages_read"),
            signed_ms=read_time(fields.text("signed")),
            names=tuple([read_name_in(item) for item in fields.items("names")]),
            members=fields.number("members"),
            mode=NameMode(mode),
            logo=_optional_hex32(fields.text("logo"), "a logo"),
            annex=_optional_hex32(fields.text("annex"), "an annex"),
            condition=_optional_hex32(fields.text("condition"), "a condition"),
        ),
        signature=read_hex64(fields.text("signature"), "a signature"),
    )
    fields.finish()
    return sign_on


def read_name_in(item: object) -> NameIn:
    """Raises `MalformedPackage`."""
    fields = _Fields(item, "a name")
    name = NameIn(
        language=fields.text("language"),
        name=required_line(fields.text("name"), "a name"),
    )
    fields.finish()
    return name


def _optional_hex32(text: str, what: str) -> bytes:
    return read_hex32(text, what) if text else b""


def _logo(spelled: str) -> bytes:
    if len(spelled) > 2 * LOGO_BYTES_MAX:
        raise MalformedPackage("a logo is too large")
    try:
        return base64.b64decode(spelled, validate=True)
    except ValueError as exc:
        raise MalformedPackage("a logo is not in base64") from exc


def _withdrawal(item: object) -> Withdrawal:
    fields = _Fields(item, "a withdrawal")
    withdrawal = Withdrawal(
        act_key=read_hex32(fields.text("key"), "a key"),
        withdrawn_ms=read_time(fields.text("withdrawn")),
        signature=read_hex64(fields.text("signature"), "a signature"),
    )
    fields.finish()
    return withdrawal


class _Fields:
    """Takes an object apart field by field, and insists that nothing is left."""

    def __init__(self, value: object, what: str) -> None:
        if type(value) is not dict:
            raise MalformedPackage(f"{what} is not an object")
        self._left: dict[str, Any] = dict(value)
        self._what = what

    def take(self, key: str) -> Any:
        if key not in self._left:
            raise MalformedPackage(f"{self._what} lacks the field `{key}`")
        return self._left.pop(key)

    def text(self, key: str) -> str:
        value = self.take(key)
        if type(value) is not str:
            raise MalformedPackage(f"`{key}` of {self._what} is not text")
        return value

    def number(self, key: str) -> int:
        value = self.take(key)
        if type(value) is not int:
            raise MalformedPackage(f"`{key}` of {self._what} is not a number")
        return value

    def items(self, key: str) -> list[Any]:
        value = self.take(key)
        if type(value) is not list or len(value) > PUBLISHED_MAX:
            raise MalformedPackage(f"`{key}` of {self._what} is not a list of at most {PUBLISHED_MAX}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.items(key)
        if not all(type(value) is str for value in values):
            raise MalformedPackage(f"`{key}` of {self._what} is not a list of texts")
        return tuple(values)

    def inside(self, value: object, what: str) -> _Fields:
        """An object inside this one, to be taken apart likewise."""
        return _Fields(value, what)

    def finish(self) -> None:
        if self._left:
            # The name is the file's: shown only where it cannot carry anything but letters.
            name = min(self._left)
            shown = f" `{name}`" if name.isascii() and name.isidentifier() and len(name) <= 40 else ""
            raise MalformedPackage(f"{self._what} has a field{shown} that this version does not know")


def read_json(data: bytes, what: str) -> _Fields:
    """The one object of a file. Raises `MalformedPackage`, `OverLimit`."""
    return _Fields(_parse(data), what)


def spell_json(value: object) -> bytes:
    """The spelling of RFC 8785."""
    # For text, whole numbers, lists and objects with ASCII names this is the spelling of RFC 8785.
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _parse(data: bytes) -> object:
    _check_bounds(data)
    try:
        value: object = json.loads(
            data.decode(),
            object_pairs_hook=_object,
            parse_int=_whole_number,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as exc:
        raise MalformedPackage("the file is not JSON in UTF-8") from exc
    return value


def _check_bounds(data: bytes) -> None:
    if len(data) > _FILE_BYTES_MAX:
        raise OverLimit(f"a package has at most {_FILE_BYTES_MAX} bytes")
    if data.count(b"[") + data.count(b"{") > _CONTAINERS_MAX or data.count(b",") > _SEPARATORS_MAX:
        raise OverLimit("the file holds more parts than a package can have")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise MalformedPackage("a field stands twice")
    return fields


def _whole_number(digits: str) -> int:
    if len(digits) > _DIGITS_MAX:
        raise MalformedPackage("a number is too long")
    return int(digits)


def _no_fraction(text: str) -> NoReturn:
    raise MalformedPackage("a number is not whole")
