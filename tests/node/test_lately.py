"""What is new in a channel since a page was shown."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from nodework import alone

from meshcoal.api.commands import ListChanged, ListMessages, PostMessage, ReactToMessage
from meshcoal.api.views import ChangedView, MessagesView, MessageView
from meshcoal.limits import CHANGES_KEPT_MAX
from meshcoal.node.lately import Lately
from meshcoal.sim.coalition import channel_of


def test_only_what_is_new_or_changed_or_asked_for_comes() -> None:
    """Goal: a page and its changes are a newer page. Method: post, react, ask; then after a restart."""
    world, campaign = alone()
    channel = channel_of(world, "ana", campaign)
    said = [
        world.command("ana", PostMessage(campaign=campaign, channel=channel, text=text), MessageView)
        for text in ("one", "two", "three")
    ]
    page = world.look("ana", ListMessages(campaign=campaign, channel=channel), MessagesView)
    fresh = ListChanged(campaign=campaign, channel=channel, since=page.as_of)
    assert world.look("ana", fresh, ChangedView).messages == ()
    world.command("ana", ReactToMessage(campaign=campaign, message=said[0].id, emoji="👍"), MessageView)
    world.command("ana", PostMessage(campaign=campaign, channel=channel, text="four"), MessageView)
    view = world.look("ana", fresh, ChangedView)
    assert not view.whole
    assert [one.text for one in view.messages] == ["one", "four"]
    assert [one.depth for one in view.messages] == sorted(one.depth for one in view.messages)
    also = ListChanged(campaign=campaign, channel=channel, since=view.as_of, also=(said[1].id, bytes(32)))
    asked = world.look("ana", also, ChangedView)
    assert ([one.text for one in asked.messages], asked.gone) == (["two"], (bytes(32),))
    world.crash("ana")
    world.restart("ana")
    assert world.look("ana", also, ChangedView).whole, "numbers hold for one run"


def test_what_is_not_known_is_not_guessed() -> None:
    """Goal: nothing is left out silently. Method: numbers before, behind and of another run; too many."""
    lately = Lately()
    lately.note(b"c", b"unasked")
    began = lately.upto(1_000)
    assert lately.since(began, b"c") == ()
    lately.note(b"c", b"1", b"")
    lately.note(b"d", b"2")
    lately.note(b"c", b"1")
    assert lately.since(began, b"c") == (b"1",)
    assert lately.since(began - 1, b"c") is None
    assert lately.since(lately.upto(1_000) + 1, b"c") is None
    for number in range(CHANGES_KEPT_MAX):
        lately.note(b"c", str(number).encode())
    assert lately.since(began, b"c") is None
