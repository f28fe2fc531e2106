"""Records: frozen dataclasses whose annotations are also their codec and their bounds.

Law: a record that exists is valid. It is checked on construction, whether its fields came from our own
code, a peer's bytes or a person's keyboard, and the check names the field but never quotes its content.
Field order is wire order: only append.

A field is annotated with one of

    bool                               true or false
    Annotated[int, Range(lo, hi)]      both ends included
    Annotated[bytes, Size(lo, hi)]     `Size(32)` is exactly 32
    Annotated[str, Chars(lo, hi)]      characters, not bytes
    an `enum.StrEnum` or `enum.IntEnum`
    another Record
    Annotated[tuple[X, ...], Items(lo, hi)]
    X | None
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Iterable
from typing import Annotated, Any, ClassVar, Final, TypeVar

from meshcoal.errors import Malformed, MeshcoalError, OverLimit
from meshcoal.ids import ID_BYTES
from meshcoal.limits import CANONICAL_BYTES_MAX
from meshcoal.wire import canonical, shape
from meshcoal.wire.canonical import Value


@dataclasses.dataclass(frozen=True, slots=True)
class Size:
    """Bytes: from `least` to `most`; with one number, exactly that many; without `between`, one or other."""

    least: int
    most: int = -1
    between: bool = True

    @property
    def top(self) -> int:
        return self.least if self.most < 0 else self.most


@dataclasses.dataclass(frozen=True, slots=True)
class Chars:
    """Text: from `least` to `most` characters."""

    least: int
    most: int


@dataclasses.dataclass(frozen=True, slots=True)
class Range:
    """Whole numbers: from `least` to `most`, both included."""

    least: int
    most: int


@dataclasses.dataclass(frozen=True, slots=True)
class Items:
    """Tuples: from `least` to `most` items."""

    least: int
    most: int


Id32 = Annotated[bytes, Size(ID_BYTES)]
OptionalId32 = Annotated[bytes, Size(0, ID_BYTES, between=False)]  # empty: none
U63: Final = 2**63 - 1
TIME_MS_MAX: Final = 253_402_300_799_000  # the end of the year 9999
TimeMs = Annotated[int, Range(0, TIME_MS_MAX)]
Count = Annotated[int, Range(0, U63)]

R = TypeVar("R", bound="Record")


class _Misfit(Exception):
    """A value does not fit its field. Never leaves this module."""


# Turns a plain wire value into a field value (or raises _Misfit); and back.
_Build = Callable[[Any], Any]


@dataclasses.dataclass(frozen=True, slots=True)
class _Plan:
    names: tuple[str, ...]
    checks: tuple[tuple[str, Callable[[Any], None]], ...]
    build: tuple[_Build, ...]
    plain: tuple[_Build, ...]


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Base of everything with fields that crosses a wire, a socket or the store."""

    error: ClassVar[type[MeshcoalError]] = Malformed

    def __post_init__(self) -> None:
        plan = _plan(type(self))
        name = ""
        try:
            for name, check in plan.checks:
                check(getattr(self, name))
        except _Misfit as misfit:
            raise type(self).error(f"{name.replace('_', ' ')}: {misfit}") from None


def fields_of(record: Record) -> tuple[Value, ...]:
    """The record as a plain tuple in wire order."""
    plan = _plan(type(record))
    return tuple([plain(getattr(record, name)) for name, plain in zip(plan.names, plan.plain, strict=True)])


def encode(record: Record) -> bytes:
    """Canonical bytes of a record: an array of its fields."""
    return canonical.encode(fields_of(record))


def from_fields(cls: type[R], fields: object) -> R:
    """Inverse of `fields_of`. Raises `cls.error` where a value does not fit."""
    plan = _plan(cls)
    if type(fields) is not tuple or len(fields) != len(plan.names):
        raise cls.error(f"{cls.__name__} has {len(plan.names)} fields")
    values: dict[str, Any] = {}
    for name, build, raw in zip(plan.names, plan.build, fields, strict=True):
        try:
            values[name] = build(raw)
        except _Misfit as misfit:
            raise cls.error(f"{name.replace('_', ' ')}: {misfit}") from None
    return cls(**values)


def decode(cls: type[R], data: bytes, *, bytes_max: int = CANONICAL_BYTES_MAX) -> R:
    """Inverse of `encode`: that spelling and no other.

    Raises:
        OverLimit: more than `bytes_max` bytes or too deep.
        MeshcoalError: `cls.error`, where the bytes or a field do not fit.
    """
    try:
        value = canonical.decode(data, bytes_max=bytes_max)
    except OverLimit:
        raise
    except Malformed as exc:
        raise cls.error(str(exc)) from exc
    return from_fields(cls, value)


class Family:
    """A closed set of record classes that travel as `[number, *fields]`.

    Numbers are the wire's names for the classes: never reuse one.
    """

    def __init__(self, error: type[MeshcoalError], members: Iterable[tuple[int, type[Record]]]) -> None:
        self._error = error
        pairs = tuple(members)
        self._by_number = dict(pairs)
        self._number_of = {cls: number for number, cls in self._by_number.items()}
        assert len(self._by_number) == len(self._number_of) == len(pairs), "a number or class stands twice"

    @property
    def classes(self) -> tuple[type[Record], ...]:
        return tuple(self._by_number.values())

    def number(self, cls: type[Record]) -> int:
        return self._number_of[cls]

    def encode(self, record: Record) -> bytes:
        return canonical.encode((self._number_of[type(record)], *fields_of(record)))

    def decode(self, data: bytes, *, bytes_max: int = CANONICAL_BYTES_MAX) -> Record:
        try:
            value = canonical.decode(data, bytes_max=bytes_max)
        except OverLimit:
            raise
        except Malformed as exc:
            raise self._error(str(exc)) from exc
        if type(value) is not tuple or not value or type(value[0]) is not int:
            raise self._error("not a numbered record")
        cls = self._by_number.get(value[0])
        if cls is None:
            raise self._error(f"no record has number {value[0]}")
        return from_fields(cls, value[1:])


def to_json(value: object) -> Any:
    """Plain JSON values for people and scripts: bytes as hex, tuples as lists, records as objects."""
    if isinstance(value, Record):
        return {name: to_json(getattr(value, name)) for name in _plan(type(value)).names}
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    if isinstance(value, enum.Enum):
        return value.name.lower() if isinstance(value, enum.IntEnum) else value.value
    return value


_PLANS: Final[dict[type[Record], _Plan]] = {}


def _plan(cls: type[Record]) -> _Plan:
    plan = _PLANS.get(cls)
    if plan is None:
        plan = _PLANS[cls] = _make_plan(cls)
    return plan


def _make_plan(cls: type[Record]) -> _Plan:
    hints = typing.get_type_hints(cls, include_extras=True)
    names = tuple(field.name for field in dataclasses.fields(cls))
    parts = [_field(hints[name]) for name in names]
    return _Plan(
        names=names,
        checks=tuple((name, check) for name, (check, _, _) in zip(names, parts, strict=True)),
        build=tuple(build for _, build, _ in parts),
        plain=tuple(plain for _, _, plain in parts),
    )


def _same(value: Any) -> Any:
    return value


def _field(hint: Any) -> tuple[Callable[[Any], None], _Build, _Build]:
    bounds: tuple[Any, ...] = ()
    if typing.get_origin(hint) is Annotated:
        hint, *extras = typing.get_args(hint)
        bounds = tuple(extras)
    while isinstance(hint, typing.NewType):
        hint = hint.__supertype__
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        return _optional(hint)
    if origin is tuple:
        return _items(hint, next(bound for bound in bounds if isinstance(bound, Items)))
    if hint is bool:
        return _check_bool, _same, _same
    if hint is int:
        return _check_int(next(bound for bound in bounds if isinstance(bound, Range))), _same, _same
    if hint is bytes:
        return _check_bytes(next(bound for bound in bounds if isinstance(bound, Size))), _same, _same
    if hint is str:
        return _check_str(next(bound for bound in bounds if isinstance(bound, Chars))), _same, _same
    if isinstance(hint, type) and issubclass(hint, (enum.StrEnum, enum.IntEnum)):
        return _choice(hint)
    if isinstance(hint, type) and issubclass(hint, Record):
        return _nested(hint)
    raise TypeError(f"no codec for {hint!r}")


def _check_bool(value: Any) -> None:
    if type(value) is not bool:
        raise _Misfit("must be true or false")


def _check_int(bound: Range) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if type(value) is not int:
            raise _Misfit("must be a whole number")
        if not bound.least <= value <= bound.most:
            raise _Misfit(f"must be {bound.least} to {bound.most}")

    return check


def _check_bytes(bound: Size) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if type(value) is not bytes:
            raise _Misfit("must be bytes")
        if not bound.least <= len(value) <= bound.top:
            span = f"{bound.least}" if bound.least == bound.top else f"{bound.least} to {bound.top}"
            raise _Misfit(f"must be {span} bytes, not {len(value)}")
        if not bound.between and len(value) not in (bound.least, bound.top):
            raise _Misfit(f"must be {bound.least} or {bound.top} bytes, not {len(value)}")

    return check


def _check_str(bound: Chars) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if type(value) is not str:
            raise _Misfit("must be text")
        if len(value) > bound.most:
            raise _Misfit(f"has {len(value)} characters; at most {bound.most} fit")
        if len(value) < bound.least:
            short = "must not be empty" if bound.least == 1 else f"needs {bound.least} characters or more"
            raise _Misfit(short)
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise _Misfit("has half of a surrogate pair") from None

    return check


def _choice(cls: type[enum.Enum]) -> tuple[Callable[[Any], None], _Build, _Build]:
    def check(value: Any) -> None:
        if not isinstance(value, cls):
            raise _Misfit("must be one of " + ", ".join(str(member.value) for member in cls))

    plain_type = str if issubclass(cls, str) else int

    def build(raw: Any) -> Any:
        try:
            if type(raw) is plain_type:
                return cls(raw)
        except ValueError:
            pass
        raise _Misfit("must be one of " + ", ".join(str(member.value) for member in cls))

    return check, build, lambda member: plain_type(member.value)


def _nested(cls: type[Record]) -> tuple[Callable[[Any], None], _Build, _Build]:
    def check(value: Any) -> None:
        if type(value) is not cls:
            raise _Misfit(f"must be a {cls.__name__}")

    def build(raw: Any) -> Any:
        try:
            return from_fields(cls, raw)
        except MeshcoalError as exc:
            raise _Misfit(str(exc)) from None

    return check, build, fields_of


def _items(hint: Any, bound: Items) -> tuple[Callable[[Any], None], _Build, _Build]:
    inner, *rest = typing.get_args(hint)
    assert rest == [Ellipsis], "tuples are tuple[X, ...]"
    check_item, build_item, plain_item = _field(inner)

    def check(value: Any) -> None:
        if type(value) is not tuple:
            raise _Misfit("must be a list")
        if not bound.least <= len(value) <= bound.most:
            raise _Misfit(f"must have {bound.least} to {bound.most} items, not {len(value)}")
        for item in value:
            check_item(item)

    def build(raw: Any) -> Any:
        if type(raw) is not tuple or len(raw) > bound.most:
            raise _Misfit(f"must be a list of {bound.least} to {bound.most} items")
        return raw if build_item is _same else tuple([build_item(item) for item in raw])

    def plain(value: Any) -> Any:
        return value if plain_item is _same else tuple([plain_item(item) for item in value])

    return check, build, plain


def _optional(hint: Any) -> tuple[Callable[[Any], None], _Build, _Build]:
    inner = [arg for arg in typing.get_args(hint) if arg is not type(None)]
    assert len(inner) == 1, "unions are X | None"
    check_inner, build_inner, plain_inner = _field(inner[0])

    def check(value: Any) -> None:
        if value is not None:
            check_inner(value)

    return (
        check,
        lambda raw: None if raw is None else build_inner(raw),
        lambda value: None if value is None else plain_inner(value),
    )
