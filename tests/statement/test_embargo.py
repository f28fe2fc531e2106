"""An embargo: signed with the release, in the package, said by the verifier."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from meshcoal.clock import iso_utc
from meshcoal.errors import BadArgument
from meshcoal.ids import OperationId
from meshcoal.statement.model import Reason, StatementPhase
from meshcoal.statement.publication import build
from meshcoal.statement.signon import make_release
from meshcoal.statement.verification import Severity, verify
from meshcoal.wire.bodies import ReleaseBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.package import decode_package, encode_package

sys.path.insert(0, str(Path(__file__).parent))

from lettering import HOUR_MS, Desk, act_key, folded


def test_it_is_signed_and_said() -> None:
    """Goal: whoever checks the file hears before when it is not to be published. Method: release with an
    embargo, verify; shift it in the package, verify again; shift it in the operation."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    desk.sign(draft, "ana")
    until_ms = desk.now_ms + 12 * HOUR_MS + 7
    body = make_release(
        desk.view(draft.id), act_key=act_key("ana"), now_ms=desk.now_ms, not_before_ms=until_ms
    )
    release = desk.write("ana", Kind.RELEASE, body)
    package = build(desk.view(draft.id))
    report = verify(package)
    assert report.sound
    (said,) = [one for one in report.findings if one.code == "embargo"]
    assert said.severity is Severity.NOTICE
    assert iso_utc(until_ms) in said.sentence
    held = decode_package(package)
    shifted = dataclasses.replace(held.release, not_before_ms=held.release.not_before_ms - HOUR_MS)
    damaged = verify(encode_package(dataclasses.replace(held, release=shifted)))
    assert [one.code for one in damaged.problems] == ["release"]
    assert isinstance(release.body, ReleaseBody)
    forged = dataclasses.replace(release, body=dataclasses.replace(release.body, not_before_ms=0))
    view = folded([*[row for row in desk.rows if row is not release], forged]).get(OperationId(draft.id))
    assert view is not None
    assert view.phase is StatementPhase.OPEN
    assert (forged.id, Reason.BAD_RELEASE) in view.ineffective


def test_one_that_has_ended_is_refused() -> None:
    """Goal: no embargo that is none. Method: a time before the release."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    desk.sign(draft, "ana")
    with pytest.raises(BadArgument):
        make_release(
            desk.view(draft.id), act_key=act_key("ana"), now_ms=desk.now_ms, not_before_ms=desk.now_ms - 1
        )
