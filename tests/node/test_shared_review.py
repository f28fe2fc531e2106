"""What is decided on replies from outside is seen by those who hold the call's key, on their devices."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "statement"))

from test_outside import Case

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.ids import CampaignId
from meshcoal.sim.convergence import open_campaign


def in_state(case: Case, name: str, state: ask.ReplyState) -> dict[str, tuple[str, str]]:
    command = ask.ListReplies(**case.place, state=state)
    view = case.world.look(name, command, show.RepliesView)
    return {one.name: (one.note, one.decided_by) for one in view.replies}


def written(case: Case, name: str) -> int:
    campaign = open_campaign(case.world.machines[name].disk.copy(), CampaignId(case.campaign))
    statement = campaign.statements.get(case.place["statement"])
    assert statement is not None
    return len(statement.desk)


def test_holders_of_the_key_see_what_the_other_decided() -> None:
    """Goal: two who review one pile do not undo each other. Method: both read the same replies; one
    refuses and asks, the other sees it with the note; takes it back; the first sees that."""
    case = Case("ana", "ben", "chi", "dov", organisers=("ben",), needed=2)
    (call,) = case.world.look("ana", ask.ShowCalls(**case.place), show.CallsView).calls
    for name in ("ana", "ben"):
        case.do(name, ask.GrantCall(**case.place, call=call.id), show.CallsView)
    pile = [case.says("Amnesty Nairobi"), case.says("Kenya Forum"), case.says("Spam Ltd")]
    case.reads("ana", *pile)
    case.reads("ben", *pile)
    ids = {one.name: one.id for one in case.waiting("ana")}
    spam = ask.DecideReplies(
        **case.place, replies=(ids["Spam Ltd"],), decision=ask.Decision.REFUSE, note="nobody knows them"
    )
    case.do("ana", spam, show.DecidedView)
    doubt = ask.DecideReplies(
        **case.place, replies=(ids["Kenya Forum"],), decision=ask.Decision.ASK, note="call their office"
    )
    case.do("ana", doubt, show.DecidedView)
    assert in_state(case, "ben", ask.ReplyState.REFUSED) == {"Spam Ltd": ("nobody knows them", "ana")}
    assert in_state(case, "ben", ask.ReplyState.ASKED) == {"Kenya Forum": ("call their office", "ana")}
    assert [one.name for one in case.waiting("ben")] == ["Amnesty Nairobi"]
    assert case.letter("ben").replies == 2
    case.decides(ask.Decision.WAIT, ids["Spam Ltd"], name="ben")
    assert in_state(case, "ana", ask.ReplyState.REFUSED) == {}
    assert in_state(case, "ana", ask.ReplyState.WAITING)["Spam Ltd"] == ("", "ben")
    assert written(case, "dov") == 3, "carried by everybody"
    case.accepts_all("ben")
    assert case.letter("dov").tally.outside == 2


def test_where_one_alone_holds_the_key_nothing_is_written() -> None:
    """Goal: what nobody else can read is told to nobody. Method: a call of one; refuse; look."""
    case = Case(organisers=("ben",))
    case.reads("ana", case.says("Spam Ltd"))
    case.decides(ask.Decision.REFUSE, case.waiting()[0].id)
    assert in_state(case, "ana", ask.ReplyState.REFUSED) == {"Spam Ltd": ("", "")}
    assert written(case, "ben") == 0
