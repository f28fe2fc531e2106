"""People outside the campaign who sign late stand in addenda like members."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "statement"))

from callwork import replies_of, signs, withdraws
from test_outside import SEALER, Case

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.errors import BadArgument
from meshcoal.statement.verification import verify
from meshcoal.wire.package import SUFFIX, decode_package


def package(case: Case, name: str) -> bytes:
    view = case.world.look(name, ask.ExportStatement(**case.place), show.FilesView)
    (data,) = [one.data for one in view.files if one.name.endswith(SUFFIX)]
    return data


def test_replies_that_come_after_the_release_stand_in_an_addendum() -> None:
    """Goal: nobody outside is lost to a date. Method: one in time and one behind the deadline, both accepted
    after the release; every node shows both in addendum 1; one withdraws, and addendum 2 says so."""
    case = Case()
    case.reads("ana", case.says("In Time"))
    case.accepts_all()
    case.released()
    early = case.says("Signed in time")
    case.world.run_ms(DAY_MS + MINUTE_MS)
    with pytest.raises(BadArgument, match="late"):
        case.says("Nobody")
    said = signs(case.call, "Signed late", at_ms=case.world.now_ms, late=True)
    case.reads("ana", early, *replies_of(case.call, SEALER, said))
    case.accepts_all()
    assert dict(case.outsiders("chi")) == {
        "In Time": "counted",
        "Signed in time": "after-release",
        "Signed late": "late",
    }
    waiting = case.letter("ana").late
    assert waiting is not None
    assert (waiting.outside, waiting.sign_ons) == (2, ())
    view = case.do("ana", ask.PublishAddendum(**case.place), show.StatementView)
    assert [(one.outside, one.organisations) for one in view.addenda] == [(2, 2)]
    for name in ("ana", "ben", "chi"):
        assert dict(case.outsiders(name)) == {
            "In Time": "counted",
            "Signed in time": "in-addendum",
            "Signed late": "in-addendum",
        }
    case.reads("ana", withdraws(case.call, said, SEALER, at_ms=case.world.now_ms))
    assert dict(case.outsiders("ben"))["Signed late"] == "withdrawn-after-release"
    case.do("ana", ask.PublishAddendum(**case.place), show.StatementView)
    made = {package(case, name) for name in ("ana", "ben", "chi")}
    assert len(made) == 1
    data = made.pop()
    report = verify(data)
    assert report.sound, report.problems
    assert (report.counts.since, report.counts.addenda, report.counts.withdrawn) == (2, 2, 1)
    assert [len(one.withdrawals) for one in decode_package(data).addenda] == [0, 1]
