"""`dataclass` for records: the same class as `dataclasses` makes, made in a tenth of the time.

Law: to a type checker it *is* `dataclasses.dataclass`, and the one form that records have is the only one
taken: `frozen=True, slots=True, kw_only=True`. Whoever uses a record sees no difference.

`dataclasses` compiles six functions for each class, a millisecond in all. There are some five hundred classes
of what crosses a wire, and a run of a program uses a few dozen; so here the constructor is compiled when a
class is first used, and the rest is shared (docs/design/0033-records.md).
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen: bool, slots: bool, kw_only: bool) -> Callable[[type], type]:
        """As `dataclasses.dataclass` does with these three."""
        assert frozen, "a record is frozen"
        assert slots, "a record has slots"
        assert kw_only, "a record's fields are named"
        return _shaped


def _shaped(cls: type) -> type:
    own = set(vars(cls))
    made: type = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=True)(cls)
    for name, function in _SHARED.items():
        if name not in own:
            setattr(made, name, function)
    return made


def _first_init(self: Any, **values: Any) -> None:
    """Stands in for the constructor until the class is first used."""
    cls = type(self)
    init = _constructor(cls)
    cls.__init__ = init
    init(self, **values)


def _constructor(cls: Any) -> Any:
    fields = dataclasses.fields(cls)
    names: dict[str, Any] = {}
    parameters, body = [], []
    for field in fields:
        assert field.init, "every field of a record is given"
        assert field.default_factory is dataclasses.MISSING, "what a record holds cannot change"
        names[f"_set_{field.name}"] = getattr(cls, field.name).__set__  # the slot's own
        if field.default is dataclasses.MISSING:
            parameters.append(field.name)
        else:
            names[f"_default_{field.name}"] = field.default
            parameters.append(f"{field.name}=_default_{field.name}")
        body.append(f" _set_{field.name}(self, {field.name})")
    if hasattr(cls, "__post_init__"):
        body.append(" self.__post_init__()")
    star = "*, " if parameters else ""
    head = f"def __init__(self, {star}{', '.join(parameters)}):"
    # The same way as `dataclasses` itself: names of fields of our own classes, never of anybody's input.
    exec("\n".join([head, *(body or [" pass"])]), names)  # noqa: S102
    init = names["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


_GETTERS: Final[dict[type, Any]] = {}


def _values(record: Any) -> Any:
    cls = type(record)
    getter = _GETTERS.get(cls)
    if getter is None:
        names = [field.name for field in dataclasses.fields(cls)]
        getter = _GETTERS[cls] = attrgetter(*names) if names else _no_values
    return getter(record)


def _no_values(_record: object) -> tuple[()]:
    return ()


def _equal(self: object, other: object) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    return _values(self) == _values(other)


def _hash(self: object) -> int:
    return hash(_values(self))


def _told(self: Any) -> str:
    parts = [f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self)]
    return f"{type(self).__qualname__}({', '.join(parts)})"


def _refuse(_self: object, name: str, *_value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot change field {name!r}")


def _reduce(self: Any) -> tuple[Any, tuple[type, dict[str, Any]]]:
    """For copies."""
    return _again, (type(self), {field.name: getattr(self, field.name) for field in dataclasses.fields(self)})


def _again(cls: type, values: dict[str, Any]) -> object:
    return cls(**values)


_SHARED: Final = {
    "__init__": _first_init,
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _told,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__reduce__": _reduce,
}
