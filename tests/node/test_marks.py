"""What is done about messages: replies, threads, mentions, reactions, changes, taking back, pins, unread."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from meshcoal.api.commands import (
    EditMessage,
    ListMessages,
    MarkRead,
    PinMessage,
    PostMessage,
    ReactToMessage,
    SetRules,
    ShowMessage,
    TakeBackMessage,
)
from meshcoal.api.views import (
    CampaignView,
    Done,
    MessageDetailView,
    MessageState,
    MessagesView,
    MessageView,
)
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.errors import BadArgument, NotPermitted, Unknown, WrongPhase
from meshcoal.ids import CampaignId, OperationId
from meshcoal.limits import TALK_DAYS
from meshcoal.node.talk import AGAIN_MS
from meshcoal.sim.coalition import author_of, campaign_view, channel_of, members, post
from meshcoal.sim.convergence import check_converged, settle
from meshcoal.sim.insider import Insider
from meshcoal.sim.invariants import CANARY
from meshcoal.sim.world import World
from meshcoal.wire.operation import Kind
from meshcoal.wire.post import MENTION, PostBody
from meshcoal.wire.terms import TalkAct

sys.path.insert(0, str(Path(__file__).parent))

from attachwork import attach, read_back, some_bytes
from nodework import alone, coalition, refused


def page(world: World, name: str, campaign: CampaignId, **part: Any) -> MessagesView:
    command = ListMessages(campaign=campaign, channel=channel_of(world, name, campaign), **part)
    return world.look(name, command, MessagesView)


def shown(world: World, name: str, campaign: CampaignId, message: bytes) -> MessageView:
    (found,) = [one for one in page(world, name, campaign).messages if one.id == message]
    return found


def say(world: World, name: str, campaign: CampaignId, text: str, **more: Any) -> MessageView:
    command = PostMessage(
        campaign=campaign, channel=channel_of(world, name, campaign), text=f"{CANARY} {text}", **more
    )
    return world.command(name, command, MessageView)


def do(world: World, name: str, command: Any) -> MessageView:
    answer: MessageView = world.command(name, command, MessageView)
    world.run_ms(3_000)
    return answer


def rules(world: World, name: str, campaign: CampaignId, **more: Any) -> None:
    command = SetRules(campaign=campaign, file_bytes_max=2**20, kept_bytes_max=2**25, **more)
    world.command(name, command, CampaignView)
    world.run_ms(3_000)


def test_each_member_has_one_reaction() -> None:
    """Goal: the last emoji of each counts, everywhere alike. Method: two react, one changes it, one goes."""
    world, campaign = coalition("ana", "ben", "chi")
    said = post(world, "ana", campaign, "gate 4")
    world.run_ms(3_000)
    do(world, "ben", ReactToMessage(campaign=campaign, message=said, emoji="👍"))
    answer = do(world, "chi", ReactToMessage(campaign=campaign, message=said, emoji="👍"))
    (reaction,) = answer.reactions
    assert (reaction.emoji, reaction.count, reaction.mine) == ("👍", 2, True)
    do(world, "ben", ReactToMessage(campaign=campaign, message=said, emoji="🙏"))
    for name in ("ana", "ben", "chi"):
        found = {one.emoji: one.names for one in shown(world, name, campaign, said).reactions}
        assert found == {"👍": ("chi",), "🙏": ("ben",)}, name
    do(world, "ben", ReactToMessage(campaign=campaign, message=said, emoji=""))
    assert [one.emoji for one in shown(world, "ana", campaign, said).reactions] == ["👍"]
    assert campaign_view(world, "ana", campaign).channels[0].unread == 0, "a reaction is no message"
    refused(world, "ben", ReactToMessage(campaign=campaign, message=said, emoji="ok"), BadArgument)


def test_a_change_is_seen_and_its_history_kept() -> None:
    """Goal: nobody is told another story unseen. Method: change twice; what all see, and may look up."""
    world, campaign = coalition("ana", "ben")
    said = post(world, "ana", campaign, "at nine")
    for text in ("at ten", "at noon"):
        world.run_ms(MINUTE_MS)
        do(world, "ana", EditMessage(campaign=campaign, message=said, text=f"{CANARY} {text}"))
    seen = shown(world, "ben", campaign, said)
    assert seen.text == f"{CANARY} at noon"
    assert seen.edited_ms > seen.at_ms
    assert not seen.may_change
    detail = world.look("ben", ShowMessage(campaign=campaign, message=said), MessageDetailView)
    assert [one.text for one in detail.editions] == [f"{CANARY} at nine", f"{CANARY} at ten"]
    refused(world, "ben", EditMessage(campaign=campaign, message=said, text="no"), NotPermitted)
    refused(world, "ana", EditMessage(campaign=campaign, message=said, text=""), BadArgument)


def test_what_is_taken_back_is_erased_everywhere() -> None:
    """Goal: its words and files go from each disk, its place stays. Method: a changed message with a file."""
    world, campaign = coalition("ana", "ben")
    said = attach(world, "ana", campaign, some_bytes(2_000))
    world.run_ms(5_000)
    assert read_back(world, "ben", campaign, said.id) == some_bytes(2_000)
    do(world, "ana", EditMessage(campaign=campaign, message=said.id, text=f"{CANARY} other words"))
    do(world, "ben", ReactToMessage(campaign=campaign, message=said.id, emoji="👍"))
    answer = do(world, "ana", TakeBackMessage(campaign=campaign, message=said.id))
    assert (answer.state, answer.text, answer.attachments) == (MessageState.TAKEN_BACK, "", ())
    world.run_ms(MINUTE_MS)
    for name in ("ana", "ben"):
        seen = shown(world, name, campaign, said.id)
        assert (seen.state, seen.text, seen.attachments, seen.reactions) == (
            MessageState.TAKEN_BACK,
            "",
            (),
            (),
        )
        disk = world.machines[name].disk
        row = disk.reader.message(OperationId(said.id))
        assert row is not None
        assert row.text == "", name
        assert not any(
            mark.text for mark in disk.reader.marks(campaign, (said.id,), each=9) if mark.act == "edit"
        )
        assert disk.reader.attached_to(OperationId(said.id)) is None
        assert not disk.reader.files(campaign), f"{name} keeps chunks of a file that nothing names"
        detail = world.look(name, ShowMessage(campaign=campaign, message=said.id), MessageDetailView)
        assert detail.editions == ()
    refused(world, "ben", ReactToMessage(campaign=campaign, message=said.id, emoji="👍"), WrongPhase)
    refused(
        world,
        "ben",
        TakeBackMessage(campaign=campaign, message=post(world, "ben", campaign, "x")[::-1]),
        Unknown,
    )


def test_the_rules_say_who_changes_and_hides() -> None:
    """Goal: editing and hiding by the campaign's rules. Method: each allowed and refused; old acts stand."""
    world, campaign = coalition("ana", "ben", "chi")
    said = post(world, "ben", campaign, "a rumour")
    world.run_ms(3_000)
    refused(world, "ana", TakeBackMessage(campaign=campaign, message=said), NotPermitted)
    rules(world, "ana", campaign, authors_change=False, organisers_hide=True)
    assert not shown(world, "ben", campaign, said).may_change
    refused(world, "ben", EditMessage(campaign=campaign, message=said, text="y"), NotPermitted)
    refused(world, "ben", TakeBackMessage(campaign=campaign, message=said), NotPermitted)
    refused(world, "chi", TakeBackMessage(campaign=campaign, message=said), NotPermitted)
    assert shown(world, "ana", campaign, said).may_take_back
    answer = do(world, "ana", TakeBackMessage(campaign=campaign, message=said))
    assert (answer.state, answer.hidden_by) == (MessageState.HIDDEN, "ana")
    assert shown(world, "chi", campaign, said).state is MessageState.HIDDEN
    rules(world, "ana", campaign)
    assert shown(world, "chi", campaign, said).state is MessageState.HIDDEN, "it was allowed when it was done"


def test_threads_hold_together_and_outlive_their_beginning() -> None:
    """Goal: a conversation is found as one, also without its first message. Method: answers to answers."""
    world, campaign = coalition("ana", "ben")
    first = say(world, "ana", campaign, "who comes?")
    world.run_ms(HOUR_MS)
    second = say(world, "ben", campaign, "I", reply_to=first.id)
    world.run_ms(3_000)
    third = say(world, "ana", campaign, "good", reply_to=second.id)
    other = post(world, "ana", campaign, "by the way")
    world.run_ms(3_000)
    assert third.thread == second.thread == first.id
    assert shown(world, "ben", campaign, first.id).replies == 2
    thread = page(world, "ben", campaign, thread=first.id)
    assert [one.id for one in thread.messages] == [first.id, second.id, third.id]
    short = page(world, "ben", campaign, thread=first.id, limit=1)
    assert ([one.id for one in short.messages], short.more) == ([third.id], True)
    rest = page(world, "ben", campaign, thread=first.id, limit=5, before=third.id)
    assert [one.id for one in rest.messages] == [second.id]
    world.run_ms(TALK_DAYS * DAY_MS - HOUR_MS + MINUTE_MS + AGAIN_MS)
    left = page(world, "ben", campaign, thread=first.id)
    assert [one.id for one in left.messages] == [second.id, third.id]
    assert other in [one.id for one in page(world, "ben", campaign).messages]


def test_mentions_are_keys_and_counted_apart() -> None:
    """Goal: each reader sees their own name for who is mentioned. Method: mention Chi; all three nodes."""
    world, campaign = coalition("ana", "ben", "chi")
    chi = author_of(world, "chi", campaign)
    said = say(world, "ana", campaign, f"ask {MENTION}.", mentions=(chi,))
    post(world, "ana", campaign, "and all others")
    world.run_ms(3_000)
    for name in ("ben", "chi"):
        seen = shown(world, name, campaign, said.id)
        assert seen.text == f"{CANARY} ask @chi."
        assert seen.mentions_me == (name == "chi")
        (channel,) = campaign_view(world, name, campaign).channels
        assert (channel.unread, channel.mentions) == (2, int(name == "chi"))
    bad = PostMessage(
        campaign=campaign, channel=channel_of(world, "ana", campaign), text="x", mentions=(chi,)
    )
    refused(world, "ana", bad, BadArgument)
    stranger = PostMessage(
        campaign=campaign, channel=channel_of(world, "ana", campaign), text=MENTION, mentions=(bytes(32),)
    )
    refused(world, "ana", stranger, Unknown)


def test_pins_are_for_all_and_the_last_word_counts() -> None:
    """Goal: one list of pins on every node. Method: pin, unpin by another, and the message vanishes."""
    world, campaign = coalition("ana", "ben")
    one, two = (post(world, "ana", campaign, text) for text in ("one", "two"))
    world.run_ms(3_000)
    do(world, "ana", PinMessage(campaign=campaign, message=one, pinned=True))
    do(world, "ben", PinMessage(campaign=campaign, message=two, pinned=True))
    assert [row.id for row in page(world, "ben", campaign, pinned=True).messages] == [one, two]
    assert shown(world, "ana", campaign, two).pinned_by == "ben"
    do(world, "ben", PinMessage(campaign=campaign, message=one, pinned=False))
    pins = page(world, "ana", campaign, pinned=True)
    assert ([row.id for row in pins.messages], pins.pins) == ([two], 1)
    world.run_ms(TALK_DAYS * DAY_MS + AGAIN_MS)
    assert page(world, "ana", campaign, pinned=True).messages == ()
    for name in ("ana", "ben"):
        log = world.machines[name].disk._logs[campaign]
        assert not log.marks, "what was done about a message goes with it"


def test_unread_counts_what_comes_late() -> None:
    """Goal: a message that lands above what was read is unread. Method: two write apart, and meet again."""
    world, campaign = coalition("ana", "ben")
    world.partition({"ana"}, {"ben"})
    late = post(world, "ben", campaign, "from the other side")
    world.run_ms(MINUTE_MS)
    for text in ("a", "b", "c"):
        newest = post(world, "ana", campaign, text)
    (channel,) = campaign_view(world, "ana", campaign).channels
    mark = MarkRead(campaign=campaign, channel=channel.id, message=newest)
    world.command("ana", mark, Done)
    assert channel.unread == 0, "what I said is not news to me"
    world.heal()
    world.run_ms(2 * MINUTE_MS)
    (channel,) = campaign_view(world, "ana", campaign).channels
    assert channel.unread == 1
    jump = page(world, "ana", campaign, unread=True, limit=2)
    assert jump.first_unread == late
    assert late in [one.id for one in jump.messages]
    world.command("ana", mark, Done)
    assert campaign_view(world, "ana", campaign).channels[0].unread == 0


def test_pages_in_both_directions() -> None:
    """Goal: from any message one can go up and down. Method: around, after and before one in the middle."""
    world, campaign = alone()
    ids = [post(world, "ana", campaign, str(number)) for number in range(10)]
    around = page(world, "ana", campaign, around=ids[5], limit=4)
    assert [one.id for one in around.messages] == ids[3:7]
    assert (around.more, around.later) == (True, True)
    after = page(world, "ana", campaign, after=ids[6], limit=4)
    assert ([one.id for one in after.messages], after.later) == (ids[7:], False)
    wrongs: tuple[dict[str, Any], ...] = (
        {"after": ids[1], "before": ids[2]},
        {"thread": ids[0], "pinned": True},
    )
    for wrong in wrongs:
        command = ListMessages(campaign=campaign, channel=channel_of(world, "ana", campaign), **wrong)
        refused(world, "ana", command, BadArgument)


def test_marks_of_both_sides_of_a_split_agree() -> None:
    """Goal: all nodes end with the same view. Method: both sides change, pin and react apart; then heal."""
    world, campaign = coalition("ana", "ben", "chi")
    mine = post(world, "ana", campaign, "mine")
    world.run_ms(3_000)
    world.partition({"ana"}, {"ben", "chi"})
    do(world, "ana", EditMessage(campaign=campaign, message=mine, text=f"{CANARY} changed"))
    do(world, "ana", PinMessage(campaign=campaign, message=mine, pinned=True))
    do(world, "ben", PinMessage(campaign=campaign, message=mine, pinned=True))
    do(world, "ben", PinMessage(campaign=campaign, message=mine, pinned=False))
    do(world, "chi", ReactToMessage(campaign=campaign, message=mine, emoji="❓"))
    world.heal()
    assert settle(world, limit_ms=5 * MINUTE_MS)
    check_converged(world)
    pinned = {shown(world, name, campaign, mine).pinned_by for name in members(world, "ana", campaign)}
    assert len(pinned) == 1, "which of the two stands deeper, or has the greater id"
    assert {shown(world, name, campaign, mine).text for name in ("ana", "ben", "chi")} == {
        f"{CANARY} changed"
    }


def test_what_nobody_may_do_counts_nowhere() -> None:
    """Goal: rules hold against a changed program. Method: forge acts that the node would refuse to write."""
    world, campaign = coalition("ana", "ben", "chi")
    channel = channel_of(world, "ana", campaign)
    said = post(world, "ana", campaign, "gate 4")
    world.run_ms(3_000)
    world.crash("chi")
    world.run_ms(MINUTE_MS)
    insider = Insider(world, "chi", campaign)
    forged = [
        (TalkAct.EDIT, f"{CANARY} gate 5", said, channel),  # another's
        (TalkAct.TAKE_BACK, "", said, channel),  # no organiser, and no rule
        (TalkAct.REACT, "👍", said, bytes(16)),  # in a channel that does not exist
        (TalkAct.PIN, "", bytes(32), channel),  # of nothing
    ]
    for act, text, about, where in forged:
        body = PostBody(at_ms=world.now_ms, channel=where, text=text, reply_to=about, act=act)
        insider.give("ana", insider.forge(Kind.POST, body).encoded)
        world.run_ms(MINUTE_MS)
    for name in ("ana", "ben"):
        seen = shown(world, name, campaign, said)
        assert (seen.text, seen.state, seen.reactions, seen.edited_ms) == (
            f"{CANARY} gate 4",
            MessageState.SAID,
            (),
            0,
        )
        assert page(world, name, campaign, pinned=True).messages == ()
    assert (
        campaign_view(world, "ana", campaign).operations == campaign_view(world, "ben", campaign).operations
    )
