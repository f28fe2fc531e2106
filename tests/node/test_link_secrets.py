"""What the secrets of links do: peers learn of no other campaign, and a public key gets no answer."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.clock import MINUTE_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.deterministic import DeterministicKem
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.ids import CampaignId
from meshcoal.node.records import CONTACTS, ContactRecord, load_all
from meshcoal.sim.coalition import admit, found, members, post, timeline
from meshcoal.sim.convergence import open_campaign
from meshcoal.sim.world import World
from meshcoal.sync.knock import Knocks, Pattern, campaign_psk, contact_psk
from meshcoal.sync.session import Session, Tools

sys.path.insert(0, str(Path(__file__).parent))

from nodework import counted, world_of


def known_by(world: World, name: str) -> dict[bytes, ContactRecord]:
    """The contacts on a node's disk, by key."""
    return dict(load_all(world.machines[name].disk.reader, ContactRecord, CONTACTS))


def link_key(world: World, name: str) -> bytes:
    return world.look(name, ask.ShowIdentity(), show.IdentityView).person


def keys_in(world: World, name: str, campaign: CampaignId) -> list[bytes]:
    """Every public key of a node's persona in a campaign."""
    persona = open_campaign(world.machines[name].disk.copy(), campaign).persona
    return [persona.author, persona.act.public, persona.link.public]


def test_a_link_of_one_campaign_tells_of_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: common campaigns are known by being in them; others are not. Method: Ana and Ben share A and B,
    Ana and Chi share C. Look through every message that Ana's and Ben's nodes said inside A or B for the
    ids, keys and names of the other campaigns."""
    said: dict[tuple[str, bytes], list[bytes]] = {}
    seal = Session.seal

    def listened(self: Session, encoded: bytes, now_ms: int) -> list[bytes]:
        said.setdefault(self.name, []).append(encoded)
        return seal(self, encoded, now_ms)

    monkeypatch.setattr(Session, "seal", listened)
    world = world_of("ana", "ben", "chi")
    names = {"ben": "rooks", "again": "owls", "chi": "herons"}
    first, second, other = (found(world, "ana", name=name) for name in names.values())
    admit(world, "ana", "ben", first)
    admit(world, "ana", "ben", second)
    admit(world, "ana", "chi", other)
    for campaign, text in ((first, "one"), (second, "two"), (other, "three")):
        post(world, "ana", campaign, text)
    world.run_ms(5 * MINUTE_MS)
    assert timeline(world, "ben", first) == ["one"]
    assert timeline(world, "ben", second) == ["two"]
    assert "ben" not in members(world, "chi", other)
    marks = {
        campaign: [campaign, name.encode(), *(key for who in people for key in keys_in(world, who, campaign))]
        for campaign, name, people in (
            (first, "rooks", ("ana", "ben")),
            (second, "owls", ("ana", "ben")),
            (other, "herons", ("ana", "chi")),
        )
    }
    # No key serves twice, or the test would look for the wrong thing.
    assert len({mark for own in marks.values() for mark in own}) == 3 * 8
    for campaign, own in marks.items():
        heard = b"\n".join(said["campaign", campaign])
        assert heard.count(campaign) > 0
        assert own[2] in heard
        foreign = [mark for place, those in marks.items() if place != campaign for mark in those]
        assert [mark for mark in foreign if mark in heard] == []
        for person in (link_key(world, name) for name in ("ana", "ben", "chi")):
            assert person not in heard, "nor whose persona it is"


class Scanner:
    """A `network.Party` that dials an address with what it knows, and notes what comes back."""

    def __init__(self, world: World, frame: bytes) -> None:
        self.name = "scanner"
        self.address = "203.0.113.77:7000"
        self.heard: list[bytes] = []
        self.ended = 0
        self._world = world
        self._frame = frame
        world.network.join(self)

    def reachable(self) -> bool:
        return True

    def link_up(self, link: int, dial: int | None) -> None:
        self._world.network.send(self, link, self._frame)

    def link_down(self, link: int, code: str) -> None:
        self.ended += 1

    def dial_failed(self, dial: int, code: str) -> None:
        raise AssertionError("the address is open")

    def frame(self, link: int, data: bytes) -> None:
        self.heard.append(data)

    def refused(self, code: str) -> None:
        raise AssertionError("it says little")


def scan(world: World, name: str, remote: bytes, psk: bytes) -> list[bytes]:
    """What a node answers to somebody who dials it with this."""
    entropy = SeededEntropy(b"scanner")
    tools = Tools(entropy=entropy, kem=DeterministicKem(entropy), knocks=Knocks())
    _, frame = Session.dial(
        name=("", b""),
        pattern=Pattern.KNOWN,
        static=AgreementKey(entropy.take(32)),
        remote=remote,
        psk=psk,
        tools=tools,
        now_ms=world.now_ms,
    )
    scanner = Scanner(world, frame)
    world.network.dial(scanner, 1, world.machines[name].address)
    world.run_ms(MINUTE_MS)
    assert scanner.ended == 1, "hung up on, or answered and then given up"
    return scanner.heard


@pytest.mark.parametrize("what", ["contact", "campaign"])
@pytest.mark.parametrize("right", [False, True])
def test_a_public_key_alone_gets_no_answer(what: str, right: bool) -> None:
    """Goal: nobody can ask an address whether somebody is there. Method: dial Ana with her key and a wrong
    secret; with the right one, as the counter-check, her node answers."""
    world = world_of("ana", "ben")
    campaign = found(world, "ana")
    admit(world, "ana", "ben", campaign)
    world.run_ms(MINUTE_MS)
    before = counted(world, "ana").get("knock-unknown", 0)
    if what == "contact":
        pair = known_by(world, "ana")[link_key(world, "ben")].pair
        heard = scan(world, "ana", link_key(world, "ana"), contact_psk(pair if right else bytes(32)))
    else:
        persona = open_campaign(world.machines["ana"].disk.copy(), campaign).persona
        guess = campaign if right else CampaignId(bytes(32))
        heard = scan(world, "ana", persona.link.public, campaign_psk(guess))
    assert len(heard) == (1 if right else 0)
    if not right:
        assert counted(world, "ana")["knock-unknown"] == before + 1


def test_two_contacts_have_a_secret_that_nobody_else_has() -> None:
    """Goal: a secret a pair. Method: Ana meets Ben and Chi; compare what stands on the three disks."""
    world = world_of("ana", "ben", "chi")
    campaign = found(world, "ana")
    admit(world, "ana", "ben", campaign)
    admit(world, "ana", "chi", campaign)
    ana, ben, chi = (link_key(world, name) for name in ("ana", "ben", "chi"))
    with_ben, with_chi = known_by(world, "ana")[ben].pair, known_by(world, "ana")[chi].pair
    assert with_ben != with_chi
    assert known_by(world, "ben")[ana].pair == with_ben
    assert known_by(world, "chi")[ana].pair == with_chi
    admit(world, "ana", "ben", found(world, "ana", name="another"))
    assert known_by(world, "ana")[ben].pair == with_ben, "who meets again keeps it"
    assert known_by(world, "ben")[ana].pair == with_ben


def meet_both_ways(world: World) -> None:
    """Ana and Ben each accept an invitation of the other at the same moment."""
    invite = ask.MakeInvitation(campaign=b"", seat=ask.Seat.OBSERVER, lifetime_ms=0)
    texts = {name: world.command(name, invite, show.InvitationView).text for name in ("ana", "ben")}
    world.submit("ana", ask.AcceptInvitation(text=texts["ben"]))
    world.submit("ben", ask.AcceptInvitation(text=texts["ana"]))


@pytest.mark.parametrize("seed", range(8))
def test_who_invite_each_other_at_once_end_with_one_secret(seed: int) -> None:
    """Goal: no pair is locked out of its own door. Method: invitations that cross, in eight worlds."""
    world = world_of("ana", "ben", seed=seed)
    meet_both_ways(world)
    world.run_ms(5 * MINUTE_MS)
    ana, ben = link_key(world, "ana"), link_key(world, "ben")
    assert known_by(world, "ana")[ben].pair == known_by(world, "ben")[ana].pair


def test_somebody_forgotten_and_met_again_ends_with_one_secret() -> None:
    """Goal: meeting anew mends it. Method: one side forgets the other; then they meet again, either way."""
    for forgetful, other in (("ana", "ben"), ("ben", "ana")):
        world = world_of("ana", "ben")
        admit(world, "ana", "ben", found(world, "ana"))
        world.run_ms(MINUTE_MS)
        forgotten = link_key(world, other)
        world.command(forgetful, ask.ForgetContact(person=forgotten), show.Done)
        assert forgotten not in known_by(world, forgetful)
        admit(world, "ana", "ben", found(world, "ana", name="another"))
        pairs = {known_by(world, "ana")[link_key(world, "ben")].pair}
        pairs.add(known_by(world, "ben")[link_key(world, "ana")].pair)
        assert len(pairs) == 1


def test_whoever_was_refused_gets_no_answer() -> None:
    """Goal: words that differ close the door for good. Method: Ana refuses Ben; dial with Ben's secret."""
    world = world_of("ana", "ben")
    admit(world, "ana", "ben", found(world, "ana"))
    world.run_ms(MINUTE_MS)
    ben = link_key(world, "ben")
    pair = known_by(world, "ana")[ben].pair
    world.command("ana", ask.ConfirmWords(person=ben, match=False), show.ContactView)
    assert scan(world, "ana", link_key(world, "ana"), contact_psk(pair)) == []
