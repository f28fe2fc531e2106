"""Goal: a crash between two effects loses nothing acknowledged. Method: every boundary; 200 kills."""

from __future__ import annotations

from random import Random

from meshcoal.api.commands import PostMessage
from meshcoal.clock import MINUTE_MS
from meshcoal.sim.coalition import campaign_view, channel_of, form_campaign, post, timeline
from meshcoal.sim.convergence import check_converged, settle
from meshcoal.sim.invariants import CANARY
from meshcoal.sim.machine import Request
from meshcoal.sim.network import Faults
from meshcoal.sim.run import kill
from meshcoal.sim.world import World


def posting(boundary: int, *, dying: str) -> tuple[World, Request, bool]:
    """Ana posts; `dying` dies at this boundary of the step that writes, or receives, the message."""
    world = World(11)
    world.spawn("ana", "ben", "chi")
    campaign = form_campaign(world, "ana", ("ben", "chi"))
    post(world, "ben", campaign, "first")
    world.run_ms(MINUTE_MS)
    world.crash_at(dying, boundary, writing=True)
    command = PostMessage(
        campaign=campaign, channel=channel_of(world, "ana", campaign), text=f"{CANARY} second"
    )
    request = world.submit("ana", command)
    world.run_ms(30_000)
    unused = world.machines[dying].up
    assert not world.armed(dying)
    world.restart(dying)
    assert settle(world, limit_ms=10 * MINUTE_MS)
    check_converged(world)
    shown = [timeline(world, name, campaign) for name in ("ana", "ben", "chi")]
    assert shown[0] == shown[1] == shown[2]
    assert shown[0] in (["first"], ["first", "second"])
    if request.answer is not None:
        assert shown[0] == ["first", "second"], "an acknowledged message was lost"
    return world, request, unused


def test_a_crash_at_every_effect_boundary_of_a_post() -> None:
    """Goal: no boundary of the author's step loses or doubles. Method: die at each in turn."""
    outcomes = []
    for boundary in range(64):
        _, request, unused = posting(boundary, dying="ana")
        if unused:
            break
        outcomes.append(request.answer is not None)
    assert len(outcomes) >= 4, "a post persists, sends to two members and answers"
    assert outcomes[0] is False, "what is not on disk is not acknowledged"
    assert outcomes[-1] is True, "behind the last effect the user knows"


def test_a_crash_at_every_effect_boundary_of_a_receipt() -> None:
    """Goal: no boundary of a receiver's step loses. Method: the next step of a receiver is the frame's."""
    for boundary in range(64):
        _, request, unused = posting(boundary, dying="ben")
        assert request.answer is not None
        if unused:
            return
    raise AssertionError("a step has fewer effects than that")


def test_two_hundred_kills_under_load() -> None:
    """Goal: kill -9 loses nothing acknowledged. Method: 200 deaths at random effects of four busy nodes."""
    world = World(12, Faults(delay_ms=(5, 80)))
    names = ("ana", "ben", "chi", "dov")
    world.spawn(*names)
    campaign = form_campaign(world, "ana", names[1:], organisers=("ben",))
    channel = channel_of(world, "ana", campaign)
    chance = Random("kills")
    sent = 0
    requests = []
    while world.crashes < 200:
        kill(world, chance)
        for name in names:
            sent += 1
            command = PostMessage(campaign=campaign, channel=channel, text=f"{CANARY} {sent}")
            requests.append(world.submit(name, command))
        world.run_ms(chance.randint(100, 3_000))
    assert settle(world, limit_ms=10 * MINUTE_MS)
    check_converged(world)
    shown = timeline(world, "chi", campaign)
    acknowledged = [
        request.command.text.removeprefix(f"{CANARY} ")
        for request in requests
        if request.answer is not None and isinstance(request.command, PostMessage)
    ]
    assert len(acknowledged) > 200
    assert [text for text in acknowledged if shown.count(text) != 1] == []
    assert len(shown) == len(set(shown))
    assert campaign_view(world, "dov", campaign).unopened == 0
