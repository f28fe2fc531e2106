"""Figures become series, tables and pictures."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

import plot
import series

SVG = "{http://www.w3.org/2000/svg}"
FIGURES = {
    "bench": "live",
    "messages": 60,
    "nodes_2_p50_ms": 5.0,
    "nodes_8_p50_ms": 9.0,
    "nodes_2_lxmf_p50_ms": 2.5,
    "nodes_8_lxmf_p50_ms": 22.0,
    "nodes_8_rss_mib": 60.0,
    "nodes_2_rss_mib": 61.0,
    "start_ms": 250.0,
    "first_run_ms": 750.0,
    "not_known_ms": -1.0,
    "seconds": 3.0,
}


def words(picture: str) -> list[str]:
    """Every text in a picture; fails unless it is well-formed."""
    return [found.text or "" for found in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_figures_with_numbers_in_their_names_become_lines() -> None:
    """Goal: no list of series by hand. Method: two lines of one metric, another metric, and bars."""
    pictures = series.pictures("live", FIGURES)
    assert list(pictures) == ["p50_ms-by-nodes", "rss_mib-by-nodes", "ms"]
    lines = words(pictures["p50_ms-by-nodes"])
    assert {"live: p50 ms by nodes", "meshcoal", "lxmf", "2", "8"} <= set(lines)
    assert pictures["p50_ms-by-nodes"].count("<polyline") == 2
    assert pictures["rss_mib-by-nodes"].count("<polyline") == 1
    bars = words(pictures["ms"])
    assert {"start ms", "250", "first run ms", "750"} <= set(bars)
    assert "not known ms" not in bars


def test_a_table_says_what_moved() -> None:
    """Goal: a change is seen. Method: a run before with one other figure."""
    told = series.table({"live": FIGURES}, {"live": {**FIGURES, "start_ms": 200.0}})
    assert "| start_ms | 250 | 200, +25% |" in told
    assert "| first_run_ms | 750 | 750 |" in told
    assert "| first_run_ms | 750 |  |" in series.table({"live": FIGURES}, {})


values = st.floats(min_value=0, max_value=1e9, allow_nan=False).map(lambda value: round(value, 3))


@given(st.dictionaries(st.text(min_size=1), st.lists(st.tuples(values, values), min_size=1), min_size=1))
def test_whatever_is_measured_can_be_drawn(lines: dict[str, list[tuple[float, float]]]) -> None:
    """Goal: a picture of anything, within its frame. Method: random lines, names of any letters."""
    readable = {
        "".join(letter for letter in name if letter.isprintable()): points for name, points in lines.items()
    }
    picture = plot.lines("a < b", readable, x_label="x", y_label="y")
    for dot in ElementTree.fromstring(picture).iter(f"{SVG}circle"):
        assert plot.LEFT - 1 <= float(dot.attrib["cx"]) <= plot.WIDTH - plot.RIGHT + 1
        assert plot.TOP - 1 <= float(dot.attrib["cy"]) <= plot.HEIGHT - plot.BOTTOM + 1
    assert words(picture)[0] == "a < b"


@given(st.dictionaries(st.sampled_from(["one", "two", "three"]), values, min_size=1))
def test_bars_grow_with_their_values(named: dict[str, float]) -> None:
    """Goal: lengths are true. Method: random values; a larger one has no shorter bar."""
    picture = ElementTree.fromstring(plot.bars("bars", named, x_label="ms"))
    widths = [float(bar.attrib["width"]) for bar in list(picture.iter(f"{SVG}rect"))[1:]]
    assert len(widths) == len(named)
    order = sorted(zip(named.values(), widths, strict=True))
    assert [width for _, width in order] == sorted(widths)
