"""What a release would publish, seen before: the same files, and never taken for a release."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from meshcoal.errors import WrongPhase
from meshcoal.statement.preview import preview
from meshcoal.statement.publication import files, verify
from meshcoal.wire.package import decode_package
from meshcoal.wire.terms import Capacity

sys.path.insert(0, str(Path(__file__).parent))

from lettering import Desk


def signed_desk() -> tuple[Desk, bytes]:
    desk = Desk()
    draft = desk.draft()
    desk.translate(draft)
    desk.freeze(draft)
    desk.sign(draft, "ana")
    desk.sign(draft, "chi", capacity=Capacity.INDIVIDUAL, name="Chi Nwosu")
    return desk, draft.id


def test_a_preview_is_what_the_release_makes_but_for_its_signature() -> None:
    """Goal: no surprise at the release. Method: preview, release, compare file by file."""
    desk, letter = signed_desk()
    before = dict(preview(desk.view(letter), now_ms=desk.now_ms))
    desk.release(next(row for row in desk.rows if row.id == letter))
    after = dict(files(desk.view(letter)))
    assert list(before) == list(after)
    for name, data in after.items():
        if not name.endswith((".meshcoal.json", ".signatories.txt")):
            assert before[name] == data
    first, second = (
        next(decode_package(data) for name, data in made.items() if name.endswith(".json"))
        for made in (before, after)
    )
    assert dataclasses.replace(first, release=second.release) == second
    assert first.release.tally_digest == second.release.tally_digest
    listed = [
        next(data for name, data in made.items() if name.endswith(".signatories.txt")).decode().split("\n")
        for made in (before, after)
    ]
    assert [one for one in listed[0] if "Released" not in one] == [
        one for one in listed[1] if "Released" not in one
    ]
    assert dict(preview(desk.view(letter), now_ms=desk.now_ms)) == after  # released: its own files


def test_a_preview_never_passes_for_a_release() -> None:
    """Goal: whoever gets hold of one cannot publish it. Method: verify its package."""
    desk, letter = signed_desk()
    made = preview(desk.view(letter), now_ms=desk.now_ms, not_before_ms=desk.now_ms + 60_000)
    package = next(data for name, data in made if name.endswith(".meshcoal.json"))
    release = decode_package(package).release
    assert (release.signature, release.act_key) == (bytes(64), bytes(32))
    assert release.not_before_ms
    assert not verify(package).sound


def test_a_draft_has_no_preview() -> None:
    """Goal: nothing is shown that nobody could sign. Method: ask for a draft's."""
    desk = Desk()
    draft = desk.draft()
    with pytest.raises(WrongPhase):
        preview(desk.view(draft.id), now_ms=desk.now_ms)
