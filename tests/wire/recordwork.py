"""Strategies for any record class, read off its annotations: valid ones, and their neighbours."""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from typing import Annotated, Any, TypeVar

from hypothesis import strategies as st

from meshcoal.wire.canonical import Value
from meshcoal.wire.record import Chars, Items, Range, Record, Size

R = TypeVar("R", bound=Record)

# Long values add nothing to a codec's test but time; bounds themselves are tested one by one.
_LENGTH_TRIED_MAX = 6

PLAIN: st.SearchStrategy[Value] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=6).map(tuple),
    max_leaves=20,
)


def records(cls: type[R]) -> st.SearchStrategy[R]:
    """Valid instances of a record class."""
    hints = typing.get_type_hints(cls, include_extras=True)
    return st.builds(cls, **{field.name: _of(hints[field.name]) for field in dataclasses.fields(cls)})


def _of(hint: Any) -> st.SearchStrategy[Any]:
    bounds: list[Any] = []
    if typing.get_origin(hint) is Annotated:
        hint, *bounds = typing.get_args(hint)
    while isinstance(hint, typing.NewType):
        hint = hint.__supertype__
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        inner = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        return st.none() | _of(inner[0])
    for bound in bounds:
        if isinstance(bound, Range):
            return st.integers(bound.least, bound.most)
        if isinstance(bound, Size):
            if not bound.between:
                return st.just(bytes(bound.least)) | st.binary(min_size=bound.top, max_size=bound.top)
            return st.binary(min_size=bound.least, max_size=_reach(bound.least, bound.top))
        if isinstance(bound, Chars):
            return st.text(min_size=bound.least, max_size=_reach(bound.least, bound.most))
        if isinstance(bound, Items):
            item = _of(typing.get_args(hint)[0])
            size = _reach(bound.least, bound.most)
            return st.lists(item, min_size=bound.least, max_size=size).map(tuple)
    if hint is bool:
        return st.booleans()
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return st.sampled_from(hint)
    assert issubclass(hint, Record), "every field has a codec"
    return records(hint)


def _reach(least: int, most: int) -> int:
    return min(most, least + _LENGTH_TRIED_MAX)


def damaged(good: bytes) -> st.SearchStrategy[bytes]:
    """Bytes near to good ones: something replaced, dropped, inserted or cut off."""

    def spoil(parts: tuple[int, bytes, int]) -> bytes:
        at, new, width = parts
        return good[:at] + new + good[at + width :]

    at = st.integers(0, len(good))
    return st.tuples(at, st.binary(max_size=4), st.integers(0, 4)).map(spoil) | at.map(lambda end: good[:end])
