"""What a package is made of: sign-ons, withdrawals, and how JSON is read and spelled.

Law: as in `wire.package`, of which this is a part: one spelling (RFC 8785), nothing unknown.
Specified in docs/protocol/package.md.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar, Final, NoReturn

from meshcoal.errors import MalformedPackage, MeshcoalError, OverLimit
from meshcoal.limits import MIB, PACKAGE_BYTES_MAX, PUBLISHED_MAX
from meshcoal.wire.naming import NameIn, SignOnFields
from meshcoal.wire.plain import optional_line, read_hex32, read_hex64, read_time, required_line, spell_time
from meshcoal.wire.record import Id32, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Capacity, NameMode

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


def plain_sign_on(sign_on: SignOn) -> dict[str, object]:
    """As it stands in the file."""
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


def read_sign_on(item: object) -> SignOn:
    """Inverse of `plain_sign_on`. Raises `MalformedPackage`."""
    fields = Fields(item, "a sign-on")
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
    fields = Fields(item, "a name")
    name = NameIn(
        language=fields.text("language"),
        name=required_line(fields.text("name"), "a name"),
    )
    fields.finish()
    return name


def _optional_hex32(text: str, what: str) -> bytes:
    return read_hex32(text, what) if text else b""


def plain_withdrawal(withdrawal: Withdrawal) -> dict[str, object]:
    """As it stands in the file."""
    return {
        "key": withdrawal.act_key.hex(),
        "signature": withdrawal.signature.hex(),
        "withdrawn": spell_time(withdrawal.withdrawn_ms),
    }


def read_withdrawal(item: object) -> Withdrawal:
    """Inverse of `plain_withdrawal`. Raises `MalformedPackage`."""
    fields = Fields(item, "a withdrawal")
    withdrawal = Withdrawal(
        act_key=read_hex32(fields.text("key"), "a key"),
        withdrawn_ms=read_time(fields.text("withdrawn")),
        signature=read_hex64(fields.text("signature"), "a signature"),
    )
    fields.finish()
    return withdrawal


class Fields:
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

    def inside(self, value: object, what: str) -> Fields:
        """An object inside this one, to be taken apart likewise."""
        return Fields(value, what)

    def finish(self) -> None:
        if self._left:
            # The name is the file's: shown only where it cannot carry anything but letters.
            name = min(self._left)
            shown = f" `{name}`" if name.isascii() and name.isidentifier() and len(name) <= 40 else ""
            raise MalformedPackage(f"{self._what} has a field{shown} that this version does not know")


def read_json(data: bytes, what: str) -> Fields:
    """The one object of a file. Raises `MalformedPackage`, `OverLimit`."""
    return Fields(_parse(data), what)


def spell_json(value: object) -> bytes:
    """The spelling of RFC 8785."""
    # For text, whole numbers, lists and objects with ASCII names this is the spelling of RFC 8785.
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _parse(data: bytes) -> object:
    check_bounds(data)
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


def check_bounds(data: bytes) -> None:
    """What bounds memory. Raises `OverLimit`."""
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
