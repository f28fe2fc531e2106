"""From the figures of a bench to a table and to pictures.

Law: nothing is told twice by hand: which figures are a series follows from their names. With
`nodes_8_lxmf_p50_ms` the line `lxmf` has the point 8 in the plot of `p50_ms` by `nodes`; figures without a
number in their name and with one unit are bars side by side.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import plot

UNITS = {
    "ms": "ms",
    "us": "microseconds",
    "mib": "MiB",
    "kib": "KiB",
    "bytes": "bytes",
    "s": "s",
    "hops": "hops",
    "per_s": "a second",
    "ratio": "times",
}
OURS = "meshcoal"
_NUMBERED = re.compile(r"(?:^|_)([a-z]+)_(\d+)(?:_|$)")
_NOT_MEASURED = ("bench", "at", "quick", "seconds", "seed")


def table(newest: Mapping[str, Mapping[str, Any]], before: Mapping[str, Mapping[str, Any]]) -> str:
    """All figures of the newest run of each bench, and how they moved since the run before."""
    told = ["# What the benches measured", ""]
    for name in sorted(newest):
        result = newest[name]
        quick = ", small sizes: it says that it runs, not how fast" if result.get("quick") else ""
        told += [f"## {name}", "", f"{result.get('at', '')}, {result.get('seconds', 0):.0f} s{quick}", ""]
        told += ["| figure | value | the run before |", "|---|---|---|"]
        for key, value in result.items():
            if key not in _NOT_MEASURED:
                told.append(f"| {key} | {_shown(value)} | {_moved(before.get(name, {}).get(key), value)} |")
        told.append("")
    return "\n".join(told)


def _shown(value: Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return plot.number(value)
    return str(value).replace("|", "/")


def _moved(old: Any, new: Any) -> str:
    numbers = isinstance(old, (int, float)) and isinstance(new, (int, float))
    if not numbers:
        return ""
    if old == new:
        return plot.number(old)
    change = f", {(new - old) / old:+.0%}" if old else ""
    return f"{plot.number(old)}{change}"


def pictures(name: str, result: Mapping[str, Any]) -> dict[str, str]:
    """A plot for each series, by a name for its file."""
    measured = {
        key: float(value)
        for key, value in result.items()
        if key not in _NOT_MEASURED
        and isinstance(value, (int, float))
        and not isinstance(value, bool)
        and value >= 0  # -1 says: not known here
    }
    lines, rest = _series(measured)
    found = {}
    for (axis, metric), named in lines.items():
        title = f"{name}: {_words(metric)} by {_words(axis)}"
        found[f"{metric}-by-{axis}"] = plot.lines(
            title, named, x_label=_words(axis), y_label=_unit(metric) or _words(metric)
        )
    by_unit: dict[str, dict[str, float]] = {}
    for key, value in rest.items():
        unit = _unit(key)
        if unit:
            by_unit.setdefault(unit, {})[_words(key)] = value
    for unit, values in by_unit.items():
        if len(values) > 1:
            found[unit.replace(" ", "-")] = plot.bars(f"{name}: {unit}", values, x_label=unit)
    return found


def _series(
    measured: Mapping[str, float],
) -> tuple[dict[tuple[str, str], dict[str, list[tuple[float, float]]]], dict[str, float]]:
    """The figures that are points of lines, by axis, metric and line; and those that are not."""
    points: dict[tuple[str, str], list[tuple[float, float]]] = {}
    keys: dict[tuple[str, str], list[str]] = {}
    for key, value in measured.items():
        match = _NUMBERED.search(key)
        if match is None:
            continue
        head, tail = key[: match.start()].strip("_"), key[match.end() :].strip("_")
        whole = "_".join(part for part in (head, tail) if part) or "value"
        points.setdefault((match[1], whole), []).append((float(match[2]), value))
        keys.setdefault((match[1], whole), []).append(key)
    several = {place: found for place, found in points.items() if len({x for x, _ in found}) > 1}
    rest = dict(measured)
    lines: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = {}
    wholes = {axis: [whole for one, whole in several if one == axis] for axis, _ in several}
    for (axis, whole), found in several.items():
        for key in keys[axis, whole]:
            del rest[key]
        # `lxmf_p50_ms` beside `p50_ms` is a line of the same plot.
        shorter = [one for one in wholes[axis] if whole.endswith(f"_{one}") and _unit(one)]
        metric = min(shorter, key=len) if shorter else whole
        line = whole[: -len(metric)].strip("_") if shorter else ""
        lines.setdefault((axis, metric), {})[_words(line) or OURS] = sorted(found)
    for place, named in lines.items():
        lines[place] = named = dict(sorted(named.items(), key=lambda one: (one[0] != OURS, one[0])))
        if len(named) == 1:
            (only,) = named
            named[""] = named.pop(only)
    return lines, rest


def _unit(key: str) -> str:
    """What the figure counts, by the end of its name, or by a unit within it."""
    for end, unit in UNITS.items():
        if key == end or key.endswith(f"_{end}"):
            return unit
    within = re.search(r"(?:^|_)(ms|us|mib|kib|bytes)_(?:per|an|a|each)_", key)
    return UNITS[within[1]] if within else ""


def _words(key: str) -> str:
    return key.replace("_", " ")
