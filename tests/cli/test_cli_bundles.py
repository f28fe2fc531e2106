"""Bundles on the command line, against a daemon that answers from a script."""

from __future__ import annotations

import base64
import json
import os
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from meshcoal.api.commands import (
    BeginBundle,
    BeginReading,
    EndReading,
    HavePart,
    LookAtPart,
    NextPart,
    ShowReading,
    TakePart,
)
from meshcoal.api.views import BundlePartView, BundleView, ReadingView, RefusedView
from meshcoal.limits import BUNDLE_PART_BYTES

PART = b"\xa5" * BUNDLE_PART_BYTES


@pytest.fixture
def scripted(daemon: Any, build_view: Callable[..., Any], evil: str) -> Any:
    """Two parts to write, of which it knows none again; all that is read opens. Every name is hostile."""
    left = [PART, PART]

    def begin(command: BeginBundle) -> BundleView:
        left[:] = [PART, PART]
        view: BundleView = replace(build_view(BundleView, evil), had=0)
        return view

    def following(command: NextPart) -> BundlePartView:
        data = left.pop() if left else b""
        name = base64.b32encode(os.urandom(10)).decode().lower()
        return BundlePartView(data=data, name=name, more=bool(data), done=2 - len(left), total=2)

    view: ReadingView = replace(build_view(ReadingView, evil), busy=False, waiting=0, opened=True)
    daemon.answers |= {
        BeginBundle: begin,
        HavePart: replace(build_view(BundleView, evil), had=0),
        NextPart: following,
        **dict.fromkeys((BeginReading, LookAtPart, TakePart, ShowReading), view),
    }
    return daemon


def harmless(text: str) -> None:
    assert text
    for line in text.split("\n"):
        assert not [one for one in line if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")], repr(line)
        assert not line.startswith("meshcoal: all is well")


def test_written_to_a_folder(run: Callable[..., Result], scripted: Any, tmp_path: Path) -> None:
    """Goal: who can open it is said, and parts land. Method: a folder that is made; hostile names."""
    stick = tmp_path / "stick"
    result = run("bundle", "write", "1111", "--to", f"{stick}/", "--no-files", "--for", "1111")
    assert result.exit_code == 0, result.output
    assert "Written: 2 parts, 2 MiB." in result.stdout
    assert "Can be opened by: A" in result.stderr
    harmless(result.stdout + result.stderr)
    assert [path.stat().st_size for path in stick.iterdir()] == [BUNDLE_PART_BYTES] * 2
    begun = scripted.asked(BeginBundle)
    assert (begun.files, begun.everything, begun.begun, begun.since_ms) == (False, False, False, 0)
    assert len(begun.campaigns[0].members) == 1


def test_written_again(run: Callable[..., Result], scripted: Any, tmp_path: Path) -> None:
    """Goal: what lies there is shown to the daemon, and one file can be had. Method: twice, with options."""
    stick = tmp_path / "holiday.bin"
    for _ in range(2):
        scripted.sent.clear()
        result = run(
            "bundle", "write", "1111", "--to", str(stick), "--since", "2026-11-22T18:00+04:00",
            "--everything", "--with-sealed", "--json",
        )  # fmt: skip
        scripted.answers[HavePart] = replace(scripted.answers[HavePart], had=1)
        assert result.exit_code == 0, result.output
        answer = json.loads(result.stdout)
        assert (answer["parts"], answer["bytes"]) == (2, 2 * BUNDLE_PART_BYTES)
    assert stick.stat().st_size == 4 * BUNDLE_PART_BYTES
    assert [type(one) for one in scripted.sent].count(HavePart) == 2
    assert scripted.asked(BeginBundle).everything
    assert scripted.asked(BeginBundle).begun
    assert scripted.asked(BeginBundle).since_ms


def test_a_file_of_another_kind_is_left_alone(
    run: Callable[..., Result], scripted: Any, tmp_path: Path
) -> None:
    """Goal: a wrong name costs nothing. Method: a file in which the daemon knows nothing again."""
    film = tmp_path / "film"
    film.write_bytes(PART + b"end")
    result = run("bundle", "write", "1111", "--to", str(film))
    assert result.exit_code == 2
    assert film.read_bytes() == PART + b"end"


def test_looked_at(run: Callable[..., Result], scripted: Any, tmp_path: Path) -> None:
    """Goal: inspecting takes nothing in. Method: what is sent, and what hostile names do to the terminal."""
    (tmp_path / "part").write_bytes(PART)
    for options in ([], ["--json"]):
        scripted.sent.clear()
        result = run("bundle", "inspect", str(tmp_path), *options)
        assert result.exit_code == 0, result.output
        harmless(result.stdout + result.stderr)
        assert [type(one) for one in scripted.sent] == [BeginReading, LookAtPart, EndReading]


@pytest.mark.parametrize(
    ("code", "warned"), [("bad-signature", True), ("malformed-bundle", True), ("over-limit", False)]
)
def test_a_hostile_stick_is_named(
    run: Callable[..., Result], scripted: Any, tmp_path: Path, code: str, warned: bool
) -> None:
    """Goal: what is forged is said in words, with what to do; what merely has no room is not called that.
    Method: parts refused by codes of both kinds, inspected."""
    (tmp_path / "part").write_bytes(PART)
    view = scripted.answers[LookAtPart]
    scripted.answers[LookAtPart] = replace(view, refused=(RefusedView(code=code, count=2),))
    told = " ".join(run("bundle", "inspect", str(tmp_path)).stdout.split())
    assert f"Refused: 2 ({code})" in told
    assert ("!! WARNING: something in it is forged or broken" in told) is warned
    assert ("ask whoever gave it to you" in told) is warned


def test_nothing_is_taken_in_before_yes(
    run: Callable[..., Result], scripted: Any, terminal: Any, tmp_path: Path
) -> None:
    """Goal: the person decides. Method: no terminal, another answer, yes."""
    (tmp_path / "part").write_bytes(PART)
    result = run("bundle", "read", str(tmp_path))
    assert result.exit_code == 2
    assert "new" in result.stdout
    terminal.present = True
    assert run("bundle", "read", str(tmp_path), typed="no\n").exit_code == 130
    assert TakePart not in {type(one) for one in scripted.sent}
    result = run("bundle", "read", str(tmp_path), typed="yes\n")
    assert result.exit_code == 0, result.output
    assert "Taken in" in result.stdout
    harmless(result.stdout)
    assert [type(one) for one in scripted.sent[-2:]] == [TakePart, EndReading]


def test_read_by_a_script(run: Callable[..., Result], scripted: Any, tmp_path: Path) -> None:
    """Goal: programs can do it. Method: `--yes --json`."""
    (tmp_path / "part").write_bytes(PART)
    result = run("bundle", "read", str(tmp_path), "--yes", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["waiting"] == 0


def test_a_stick_for_somebody_else(run: Callable[..., Result], scripted: Any, tmp_path: Path) -> None:
    """Goal: a sentence, and no question. Method: nothing on it opens."""
    (tmp_path / "part").write_bytes(PART)
    scripted.answers[LookAtPart] = replace(scripted.answers[LookAtPart], opened=False, news=())
    result = run("bundle", "read", str(tmp_path), "--yes")
    assert result.exit_code == 1
    assert "(unknown)" in result.stderr
    assert TakePart not in {type(one) for one in scripted.sent}


def test_since_is_past(run: Callable[..., Result], scripted: Any, tmp_path: Path) -> None:
    """Goal: three days are those before. Method: a span, a time to come, nonsense."""
    assert run("bundle", "write", "1111", "--to", "new/", "--since", "3d").exit_code == 0
    assert scripted.asked(BeginBundle).since_ms == 1_800_000_000_000 - 3 * 86_400_000
    for wrong in ("2030-01-01T00:00+00:00", "yesterday", "in 3d x"):
        assert run("bundle", "write", "1111", "--to", "new/", "--since", wrong).exit_code == 2
