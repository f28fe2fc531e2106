"""What whoever finds a stick, a sheet of paper, or a relay's disk can see of the members who left it."""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path
from typing import Final

import segno

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "node"))

from bundlework import parts_of, write
from capturework import canaries, disk_secrets, in_both, odd_sizes, twice
from nodework import CALM

from meshcoal.api.commands import (
    AddRelay,
    BeginBundle,
    BundleFor,
    NextPart,
    PostMessage,
    ShowCampaign,
)
from meshcoal.api.views import BundlePartView, BundleView, CampaignView, MessageView, RelaysView
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.export.slips import sheet
from meshcoal.ids import CampaignId
from meshcoal.limits import BUNDLE_PART_BYTES, ENVELOPE_CLASSES_BYTES, KIB, SLIP_CLASSES_BYTES
from meshcoal.relay.desk import Visit
from meshcoal.sim.coalition import form_campaign
from meshcoal.sim.relaying import RelayParty
from meshcoal.sim.world import World, real
from meshcoal.wire.message import Message
from meshcoal.wire.relaying import Deposit, Poll
from meshcoal.wire.slips import codes_of, label_of, slips_in

CANARY: Final = "kestrel4711zug"
SLIP_BYTES: Final = frozenset(SLIP_CLASSES_BYTES)


def coalition_of_two() -> tuple[World, CampaignId]:
    """With real seals, in a campaign where something was written."""
    world = World(11, CALM, means=real)
    world.spawn("anahita", "benyamin")
    world.run_ms(100)
    campaign = form_campaign(world, "anahita", ("benyamin",))
    world.run_ms(20_000)
    return world, campaign


def post(world: World, name: str, campaign: CampaignId, text: str) -> None:
    channel = world.look(name, ShowCampaign(campaign=campaign), CampaignView).channels[0].id
    world.command(name, PostMessage(campaign=campaign, channel=channel, text=text), MessageView)


def secrets(world: World) -> dict[str, bytes]:
    found = {"canary": CANARY.encode()}
    for name, machine in world.machines.items():
        found |= {f"{name} {space}": value for space, value in disk_secrets(machine.disk).items()}
    return found


def test_two_sticks_of_one_member_have_nothing_in_common() -> None:
    """Goal: whoever finds two cannot tell that they belong together, nor what they are. Method: a bundle for
    all, and one for a chosen member, each twice; heads to the byte, the rest in steps; all that both nodes
    hold is looked for."""
    world, campaign = coalition_of_two()
    world.partition(("anahita",), ("benyamin",))
    post(world, "anahita", campaign, f"gate 4 {CANARY}")
    world.run_ms(MINUTE_MS)
    view = world.look("anahita", ShowCampaign(campaign=campaign), CampaignView)
    (ben,) = [one.author for one in view.members if one.name == "benyamin"]
    sticks = [write(world, "anahita", campaign, members=chosen) for chosen in ((), (), (ben,), (ben,))]
    parts = [part for stick in sticks for part in stick]
    assert len(parts) >= 4
    assert odd_sizes(parts, frozenset({BUNDLE_PART_BYTES})) == set()
    assert twice([part[: 64 * KIB] for part in parts]) == set()
    assert twice(parts, stride=64) == set()
    assert canaries([part[: 256 * KIB] for part in parts], secrets(world)) == set()


def test_two_sheets_of_one_member_have_nothing_in_common() -> None:
    """Goal: as with sticks. Method: two slips of the same message, what their codes say, and the page."""
    world, campaign = coalition_of_two()
    world.partition(("anahita",), ("benyamin",))
    post(world, "anahita", campaign, f"gate 4 {CANARY}")
    world.run_ms(MINUTE_MS)
    hidden = secrets(world)
    slips, pages = [], []
    for _ in range(2):
        command = BeginBundle(campaigns=(BundleFor(campaign=campaign),), files=False, paper=True)
        begun = world.command("anahita", command, BundleView)
        slip = world.command("anahita", NextPart(bundle=begun.bundle), BundlePartView).data
        assert not parts_of(world, "anahita", begun.bundle), "one slip"
        slips.append(slip)
        pages.append((codes_of(slip), sheet((slip,)).replace(label_of(slip).encode(), b"LABEL")))
    assert odd_sizes(slips, SLIP_BYTES) == set()
    assert twice(slips) == set()
    codes = [code for of_page, _ in pages for code in of_page]
    assert {len(code) for code in codes} == {834}
    assert twice([code.encode() for code in codes]) == set(), "nor any eight letters of a code"
    assert slips_in(pages[0][0])[0] == (slips[0],)
    assert canaries([*slips, *[code.encode() for code in codes]], hidden) == set()
    assert canaries([page for _, page in pages], hidden) == set()
    words = [re.sub(r"<svg.*?</svg>|<style.*?</style>", "", page.decode()) for _, page in pages]
    assert words[0] == words[1], "beside codes and their label all pages of a size are one"
    text = html.unescape(re.sub(r"<[^>]+>", " ", words[0]))
    numbers = r"\s*Sheet\s+1/1\s+LABEL, page 1: codes 1 to 6\. Any 4 of 6 are enough\.(\s+LABEL \d/6)+\s*"
    assert re.fullmatch(numbers, text), text
    assert segno.make(codes[0], error="m").designator == "19-M"


class Witness(RelayParty):
    """A relay whose operator keeps all it is told."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "relay")
        self.told: list[Message] = []

    def hear(self, visit: Visit, message: Message) -> None:
        self.told.append(message)
        super().hear(visit, message)


def posted(told: list[Message]) -> list[bytes]:
    """All bytes of deposits that members chose."""
    deposits = [message for message in told if isinstance(message, Deposit)]
    return [part for one in deposits for part in (one.topic, one.envelope, one.signature, one.work)]


def asked(told: list[Message]) -> set[bytes]:
    return {place.topic for message in told if isinstance(message, Poll) for place in message.places}


def test_what_a_relay_is_told_changes_with_the_day() -> None:
    """Goal: what is put there on one day has nothing in common with what is put there on another, nor with
    anything a member keeps. Method: two members write and read over it, and do so again three days later.
    Topics of days that were not read to their end are asked for again, and nothing else is: that ties such
    days together, and is a known weakness."""
    world, campaign = coalition_of_two()
    relay = Witness(world)
    world.command("anahita", AddRelay(campaign=campaign, text=relay.text), RelaysView)
    world.run_ms(MINUTE_MS)
    days: list[list[Message]] = []
    for number in range(2):
        for name in ("anahita", "benyamin", "anahita"):
            world.partition((name, "relay"))
            post(world, name, campaign, f"{name} on day {number} {CANARY}")
            world.run_ms(5 * MINUTE_MS)
        days.append(relay.told[:])
        world.partition(("nobody",))
        world.run_ms(3 * DAY_MS)
        relay.told.clear()
    first, second = (posted(day) for day in days)
    assert min(len(first), len(second)) > 8
    assert in_both(first, second) == set()
    topics = [asked(day) for day in days]
    assert twice([*topics[0] | topics[1]]) == set(), "topics have nothing in common"
    assert topics[1] - topics[0], "those of the new days"
    assert len(set(relay.statics)) == len(relay.statics), "a key of its own for each link"
    envelopes = [one.envelope for day in days for one in day if isinstance(one, Deposit)]
    assert odd_sizes(envelopes, frozenset(ENVELOPE_CLASSES_BYTES)) == set()
    assert twice(envelopes) == set()
    hidden = {
        name: secret
        for name, secret in secrets(world).items()
        if secret not in (relay.relay.key, relay.relay.passing, relay.address.encode())
    }
    assert canaries([*first, *second, *topics[0], *topics[1]], hidden) == set()
