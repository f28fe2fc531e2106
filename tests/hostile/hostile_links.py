"""Attacks on links: knocks, handshakes, sealed frames, and messages said where they do not belong."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from meshcoal.ids import AuthorId
from meshcoal.limits import PADDING_CLASSES_BYTES
from meshcoal.node import comparing
from meshcoal.node.core import Core
from meshcoal.node.effects import Persist
from meshcoal.node.links import Link
from meshcoal.node.node import Node
from meshcoal.node.step import Step
from meshcoal.sync.exchange import Exchange
from meshcoal.sync.framing import PART_BYTES_MAX
from meshcoal.sync.knock import CHANCE_BYTES, KNOCK_BYTES, Knock, Pattern, day_of, door_secret
from meshcoal.sync.session import Session
from meshcoal.wire.beats import Beat
from meshcoal.wire.counted import CountedSignOn
from meshcoal.wire.frames import (
    MESSAGES,
    Ask,
    Decided,
    Frontier,
    Held,
    Hello,
    Lack,
    Lacking,
    Message,
    Noted,
    Offer,
    PackedRun,
    Parted,
    Ping,
    Pong,
    Run,
    Sample,
    Spare,
    Standing,
    Taken,
    Want,
)
from meshcoal.wire.loose import LooseItems, LooseNames, LooseWant
from meshcoal.wire.operation import decode_operation
from meshcoal.wire.packing import pack
from meshcoal.wire.reconciling import (
    Agreed,
    Behind,
    Buckets,
    Cells,
    Digest,
    Listed,
    Missing,
    More,
    Outline,
    Rung,
    Rungs,
    Subject,
)
from meshcoal.wire.sealed import SEALED as SEALED_ITEMS
from meshcoal.wire.sealed import SHARE_BYTES, ToldKey
from meshcoal.wire.terms import Seat

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "sync"))
sys.path.insert(0, str(Path(__file__).parents[1] / "node"))

from nodework import alone
from refusalwork import Apart, Cell, Harmless, Refused, Row
from sessionwork import BEN, MALLORY, NOW_MS, PAIR, door, knock, pair, psk_of, shake, tools

KNOWN: Final = Pattern.KNOWN
OTHER: Final = bytes(reversed(PAIR))  # another pair's secret, as another campaign's id is another door's
PART: Final = "Links"
ONE_TAG: Final = "One tag is over all of it, and it does not say what is wrong."


# --- Knocks and handshakes


def answered(frame: bytes, **changes: object) -> Session:
    """Ben answers a first frame."""
    return Session.answer(frame, doors=[door(KNOWN, **changes)], tools=tools(), now_ms=NOW_MS)[0]  # type: ignore[arg-type]


def knocked_twice() -> object:
    ben = tools()
    _, frame = knock(KNOWN)
    for _ in range(2):
        Session.answer(frame, doors=[door(KNOWN)], tools=ben, now_ms=NOW_MS)
    return None


def inner(frame: bytes, secret: bytes, other: bytes) -> bytes:
    """Message 1 of a first frame behind a fresh knock: what somebody can do who knows the door's secret."""
    old = Knock(secret=secret, day=day_of(NOW_MS), chance=frame[:CHANCE_BYTES])
    new = Knock(secret=other, day=day_of(NOW_MS), chance=b"fresh chance 16.")
    return new.head + new.mask().over(old.mask().over(frame[KNOCK_BYTES:]))


SECRET: Final = door_secret(KNOWN, psk_of(KNOWN), BEN.public)


def message_1_again() -> object:
    """Ben answers it: the first message of XK can be played again. The third cannot."""
    _, (first, _, third) = shake()
    session = answered(inner(first, SECRET, SECRET))
    assert not session.established
    return session.read(third, NOW_MS)


def message_1_cut() -> object:
    _, first = knock(KNOWN)
    plain = Knock(secret=SECRET, day=day_of(NOW_MS), chance=first[:CHANCE_BYTES])
    message = plain.mask().over(first[KNOCK_BYTES:])
    mended = Knock(secret=SECRET, day=day_of(NOW_MS), chance=b"fresh chance 16.")
    return answered(mended.head + mended.mask().over((message[:-40]).ljust(len(message), b"\0")))


def third_as_first() -> object:
    _, (_, _, third) = shake()
    fresh = Knock(secret=SECRET, day=day_of(NOW_MS), chance=b"fresh chance 16.")
    return answered(fresh.head + fresh.mask().over(third[KNOCK_BYTES:]))


def to_another_campaign() -> object:
    _, first = knock(KNOWN)
    other = door_secret(KNOWN, psk_of(KNOWN, pair_secret=OTHER), BEN.public)
    return answered(inner(first, SECRET, other), pair_secret=OTHER)


def to_another_person() -> object:
    _, first = knock(KNOWN)
    other = door_secret(KNOWN, psk_of(KNOWN), MALLORY.public)
    return answered(inner(first, SECRET, other), static=MALLORY)


def heard_by_dialler(second: Callable[[], bytes]) -> Callable[[], object]:
    """Ana, who waits for message 2, gets this."""
    return lambda: knock(KNOWN, seed="victim")[0].read(second(), NOW_MS)


def message_2(seed: str = "", **changes: object) -> bytes:
    """Ben's answer to some dialler."""
    secret = changes.get("pair_secret", PAIR)
    _, frame = knock(KNOWN, seed=seed, pair_secret=secret)  # type: ignore[arg-type]
    return Session.answer(frame, doors=[door(KNOWN, **changes)], tools=tools(), now_ms=NOW_MS)[1]  # type: ignore[arg-type]


def heard_by_answerer(third: Callable[[], bytes]) -> Callable[[], object]:
    """Ben, who waits for message 3, gets this."""
    return lambda: answered(knock(KNOWN, seed="victim")[1]).read(third(), NOW_MS)


def sealed_of(size_class: int) -> bytes:
    """A frame of an established link, of the size class that this payload needs."""
    both = pair(seed="elsewhere")
    (frame,) = both.ana.write(Run(operations=(bytes(PADDING_CLASSES_BYTES[size_class] - 64),)), NOW_MS)
    return frame


def third_of(pair_secret: bytes, seed: str) -> bytes:
    ana, first = knock(KNOWN, seed=seed, pair_secret=pair_secret)
    _, second = Session.answer(
        first, doors=[door(KNOWN, pair_secret=pair_secret)], tools=tools(seed), now_ms=NOW_MS
    )
    return ana.read(second, NOW_MS)[0][0]


def third_again() -> object:
    both, (_, _, third) = shake()
    return both.ben.read(third, NOW_MS)


HANDSHAKES: Final = (
    Row(
        name="Knock",
        part=PART,
        page="session.md",
        cells=(
            Refused(how="A first frame once more", code="knock-repeated", attack=knocked_twice),
            Refused(
                how="Message 3 of another link as a first frame",
                code="knock-unknown",
                attack=lambda: answered(shake()[1][2]),
                why="It begins with no tag of any door, as a stranger's does.",
            ),
            Refused(
                how="Cut by a byte",
                code="handshake-truncated",
                attack=lambda: answered(knock(KNOWN)[1][:-1]),
            ),
            Refused(
                how="A knock at one campaign's door, at the door of another",
                code="knock-unknown",
                attack=lambda: answered(knock(KNOWN)[1], pair_secret=OTHER),
                why="A tag is random to whoever lacks its secret: nobody can tell for whom it was made.",
            ),
            Refused(
                how="A knock for Ben at Mallory's door, both with one secret",
                code="knock-unknown",
                attack=lambda: answered(knock(KNOWN)[1], static=MALLORY),
                why="The same: the answerer's key goes into the tag.",
            ),
        ),
    ),
    Row(
        name="Handshake message 1",
        part=PART,
        page="handshake.md",
        cells=(
            Refused(
                how="By one who knows the door's secret, behind a fresh knock; then the recorded message 3",
                code="bad-handshake",
                attack=message_1_again,
                why="Noise answers message 1 to whoever knows the psk; its author alone goes on from there.",
            ),
            Refused(
                how="Message 3 in its place, behind a sound knock",
                code="bad-handshake",
                attack=third_as_first,
                why=ONE_TAG,
            ),
            Refused(
                how="Cut off and filled up with zeros, behind a sound knock",
                code="bad-handshake",
                attack=message_1_cut,
                why=ONE_TAG,
            ),
            Refused(
                how="Of one campaign, behind a knock at another's door",
                code="bad-handshake",
                attack=to_another_campaign,
                why=ONE_TAG,
            ),
            Refused(
                how="To Ben, behind a knock at Mallory's door",
                code="bad-handshake",
                attack=to_another_person,
                why=ONE_TAG,
            ),
        ),
    ),
    Row(
        name="Handshake message 2",
        part=PART,
        page="handshake.md",
        cells=(
            Refused(
                how="The answer to an earlier knock of the same two",
                code="bad-handshake",
                attack=heard_by_dialler(lambda: message_2("earlier")),
                why=ONE_TAG,
            ),
            Refused(
                how="A sealed frame of another link in its place",
                code="bad-handshake",
                attack=heard_by_dialler(lambda: sealed_of(1)),
                why=ONE_TAG,
            ),
            Refused(
                how="Cut by a byte",
                code="handshake-truncated",
                attack=heard_by_dialler(lambda: message_2("victim")[:-1]),
            ),
            Refused(
                how="Ben's answer at the door of another campaign",
                code="bad-handshake",
                attack=heard_by_dialler(lambda: message_2("victim", pair_secret=OTHER)),
                why=ONE_TAG,
            ),
            Refused(
                how="Ben's answer to another dialler",
                code="bad-handshake",
                attack=heard_by_dialler(lambda: message_2("another")),
                why=ONE_TAG,
            ),
        ),
    ),
    Row(
        name="Handshake message 3",
        part=PART,
        page="handshake.md",
        cells=(
            Refused(
                how="Once more, when the link stands",
                code="bad-seal",
                attack=third_again,
            ),
            Refused(
                how="A sealed frame in its place",
                code="bad-handshake",
                attack=heard_by_answerer(lambda: sealed_of(1)),
                why=ONE_TAG,
            ),
            Refused(
                how="Cut by a byte",
                code="handshake-truncated",
                attack=heard_by_answerer(lambda: shake()[1][2][:-1]),
            ),
            Refused(
                how="Of a link of the same two in another campaign",
                code="bad-handshake",
                attack=heard_by_answerer(lambda: third_of(OTHER, "victim")),
                why=ONE_TAG,
            ),
            Refused(
                how="Of another dialler's link",
                code="bad-handshake",
                attack=heard_by_answerer(lambda: third_of(PAIR, "another")),
                why=ONE_TAG,
            ),
        ),
    ),
)


# --- Sealed frames


def frames_of(size: int = 1, seed: str = "") -> tuple[Session, list[bytes]]:
    """Ben's end, and Ana's frames of one message with so many bytes in it."""
    both = pair(seed=seed)
    return both.ben, both.ana.write(Run(operations=(bytes(size),)), NOW_MS)


def frame_twice() -> object:
    ben, (frame,) = frames_of()
    ben.read(frame, NOW_MS)
    return ben.read(frame, NOW_MS)


def frame_early() -> object:
    both = pair()
    both.ana.write(Ping(), NOW_MS)
    return both.ben.read(both.ana.write(Pong(), NOW_MS)[0], NOW_MS)


def frame_cut(to: int) -> object:
    ben, (frame,) = frames_of(1_000)
    return ben.read(frame[:to], NOW_MS)


def frame_of_another_link() -> object:
    both, other = pair(), pair(seed="other")
    return both.ben.read(other.ana.write(Ping(), NOW_MS)[0], NOW_MS)


def frame_sent_back() -> object:
    both = pair()
    return both.ana.read(both.ana.write(Ping(), NOW_MS)[0], NOW_MS)


def long_message(*order: int) -> Callable[[], object]:
    """A message over three frames, whose frames come in this order."""

    def attack() -> object:
        ben, frames = frames_of(2 * PART_BYTES_MAX + 9)
        assert len(frames) == 3
        for place in order:
            ben.read(frames[place], NOW_MS)
        return None

    return attack


def message_without_an_end() -> object:
    """The peer itself stops in the middle and begins another message: the two are one, and parse as none."""
    both = pair()
    assert both.ana._outgoing is not None
    encoded = MESSAGES.encode(Run(operations=(bytes(100),)))
    both.ben.read(both.ana._outgoing._seal(encoded[:50], 1, NOW_MS), NOW_MS)
    return both.ben.read(both.ana.write(Ping(), NOW_MS)[0], NOW_MS)


UNCOUNTED: Final = (
    "The count is not sent and each link has keys of its own: whatever is not the next frame looks alike. "
    "It ends the link."
)
FRAMES: Final = (
    Row(
        name="Sealed frame",
        part=PART,
        page="session.md",
        cells=(
            Refused(how="Twice", code="bad-seal", attack=frame_twice, why=UNCOUNTED),
            Refused(how="Before the one before it", code="bad-seal", attack=frame_early, why=UNCOUNTED),
            Refused(how="Cut by a byte", code="truncated", attack=lambda: frame_cut(-1)),
            Refused(
                how="From the link of the same two in another campaign",
                code="bad-seal",
                attack=frame_of_another_link,
                why=UNCOUNTED,
            ),
            Refused(how="Back to its sender", code="bad-seal", attack=frame_sent_back, why=UNCOUNTED),
        ),
    ),
    Row(
        name="Message over several frames",
        part=PART,
        page="session.md",
        cells=(
            Refused(how="A middle frame twice", code="bad-seal", attack=long_message(0, 1, 1), why=UNCOUNTED),
            Refused(
                how="The last frame before the middle one",
                code="bad-seal",
                attack=long_message(0, 2),
                why=UNCOUNTED,
            ),
            Refused(
                how="Left without its end by the peer, who says something else next",
                code="malformed-frame",
                attack=message_without_an_end,
            ),
            Apart(why="Its frames are sealed frames."),
            Apart(why="Its frames are sealed frames."),
        ),
    ),
)


# --- Messages inside, said by the peer itself


@functools.cache
def core_of_ana() -> Core:
    """Ana's node, alone in a campaign."""
    world, _ = alone()
    node = world.machines["ana"].node
    assert isinstance(node, Node)
    return node._core


def link_of_a_contact() -> Link:
    return Link(number=1, transport="", target=None, opened_ms=0, heard_ms=0, session=pair().ben)


def said_between_contacts(message: Message) -> Callable[[], object]:
    def attack() -> object:
        core = core_of_ana()
        core.hear(Step(NOW_MS), link_of_a_contact(), message)
        return None

    return attack


def said_in_a_campaign(message: Message, times: int = 1) -> Callable[[], object]:
    def attack() -> object:
        core = core_of_ana()
        campaign = next(iter(core.campaigns.values()))
        exchange = Exchange(campaign.id, core.reader)
        link = link_of_a_contact()
        link.campaign, link.exchange = campaign.id, exchange
        comparing.begin(Step(NOW_MS), core.links, link, campaign, entropy=core.entropy)
        before = (campaign.count, campaign.dag.heads, dict(campaign.dag.frontier))
        for _ in range(times):
            core.members.hear(Step(NOW_MS), link, exchange, campaign, message)
        assert (campaign.count, campaign.dag.heads, dict(campaign.dag.frontier)) == before
        return None

    return attack


def unmoved(message: Message, times: int = 1) -> Callable[[], object]:
    """Between contacts: neither contacts nor introductions change."""

    def attack() -> object:
        people = core_of_ana().people
        before = (dict(people.contacts), dict(people.introductions), dict(people.invitations))
        for _ in range(times):
            said_between_contacts(message)()
        assert (people.contacts, people.introductions, people.invitations) == before
        return None

    return attack


def offered_unasked() -> object:
    """An offer on a link that an invitation brought about, whose introduction is over."""
    core = core_of_ana()
    return core.people.on_offer(Step(NOW_MS), link_of_a_contact(), OFFER)


def asked_with_a_served_invitation() -> object:
    link = link_of_a_contact()
    assert link.session is not None
    link.session.name = ("invitation", b"served already 1")
    return core_of_ana().people.on_ask(Step(NOW_MS), link, ASK)


OFFER: Final = Offer(name="Ana", hints=(), campaign=b"", campaign_name="", seat=Seat.EXILE, pair=bytes(32))
ASK: Final = Ask(name="Ben", hints=(), card=None, pair=bytes(32), prekey=b"")
DECIDED: Final = Decided(admitted=True, campaign=b"c" * 32, peers=(), author=b"a" * 32)


@functools.cache
def own_run() -> Run:
    """What the campaign holds, as a peer would send it."""
    core = core_of_ana()
    (campaign,) = core.campaigns
    operations, _ = core.reader.after(campaign, {}, row=0, operations_max=100, bytes_max=2**20)
    assert decode_operation(operations[0]).campaign == campaign
    return Run(operations=tuple(operations))


@functools.cache
def own_packed_run() -> PackedRun:
    """The same, packed."""
    packed = pack(own_run().operations)
    assert packed is not None
    return PackedRun(packed=packed)


def cut(message: Message) -> Cell:
    return Refused(
        how="Cut by a byte before it was sealed",
        code="malformed-frame",
        attack=lambda: MESSAGES.decode(MESSAGES.encode(message)[:-1]),
    )


NO_ORDER: Final = Apart(why="It means the same whatever came before it.")
SEALED: Final = Apart(why="It names no member; on its way it lies in sealed frames.")
EVERYWHERE: Final = Apart(why="It is said on every link, and names none.")


def inside(message: Message, *cells: Cell) -> Row:
    """A row for a message: replay, reorder, another campaign or kind of link, another person."""
    replay, reorder, elsewhere, other = cells
    return Row(
        name=type(message).__name__,
        part="Messages inside a link",
        page="session.md",
        cells=(replay, reorder, cut(message), elsewhere, other),
        covers=(type(message),),
    )


def wrong_link(how: str, attack: Callable[[], object]) -> Refused:
    return Refused(how=how, code="wrong-link", attack=attack)


OTHER_KIND: Final = (
    "An offer belongs on links that an invitation brought about; all others are of another kind."
)
HELD: Final = (Held(author=b"n" * 32, seq=5, mark=bytes(16)),)
NEIGHBOURLY: Final = "Whoever says it speaks of themselves, or names members: who is none is passed over."
CONTACTS: Final = "Said between contacts"
MEMBERS: Final = "Said in a campaign"


def messages() -> tuple[Row, ...]:
    run = own_run()
    frontier, want, taken = Frontier(whole=True, held=HELD), Want(held=HELD), Taken(runs=2**40)
    stranger_noted = Noted(author=b"x" * 32)
    standing = Standing(began_s=1_800_000_000, root=b"r" * 8, label_us=5_000, chosen=True)
    lack = Lack(logs=(Lacking(author=b"n" * 32, first=0),))
    hello, sample = Hello(links=1, drawn=True), Sample(peers=(b"n" * 32,), answer=False)
    return (
        inside(
            Ping(), Harmless(how="Said twice", attack=unmoved(Pong(), 2)), NO_ORDER, EVERYWHERE, EVERYWHERE
        ),
        inside(
            Frontier(whole=True, held=HELD),
            Harmless(how="Said twice", attack=said_in_a_campaign(frontier, 2)),
            NO_ORDER,
            wrong_link(CONTACTS, said_between_contacts(frontier)),
            Apart(
                why="Whoever says it speaks of themselves; of authors who are no members nothing is noted."
            ),
        ),
        inside(
            run,
            Harmless(how="The same operations twice", attack=said_in_a_campaign(run, 2)),
            Harmless(
                how="Operations in another order: they wait for their past",
                attack=said_in_a_campaign(Run(operations=run.operations[::-1])),
            ),
            wrong_link(CONTACTS, said_between_contacts(run)),
            Apart(why="An operation is for all members; what is for one of them is a direct."),
        ),
        inside(
            own_packed_run(),
            Harmless(how="The same operations twice", attack=said_in_a_campaign(own_packed_run(), 2)),
            Apart(
                why="The order of operations is in their ids; those that stand behind others wait for them."
            ),
            wrong_link(CONTACTS, said_between_contacts(own_packed_run())),
            Apart(why="An operation is for all members; what is for one of them is a direct."),
        ),
        inside(
            taken,
            Harmless(how="Said twice", attack=said_in_a_campaign(taken, 2)),
            Harmless(
                how="Before anything was sent: it counts as what was sent", attack=said_in_a_campaign(taken)
            ),
            wrong_link(CONTACTS, said_between_contacts(taken)),
            SEALED,
        ),
        inside(
            want,
            Harmless(how="Said twice", attack=said_in_a_campaign(want, 2)),
            NO_ORDER,
            wrong_link(CONTACTS, said_between_contacts(want)),
            SEALED,
        ),
        *[
            inside(
                neighbourly,
                Harmless(how="Said twice, in a small campaign", attack=said_in_a_campaign(neighbourly, 2)),
                Harmless(
                    how="Before a frontier: it is kept for when it can be used",
                    attack=said_in_a_campaign(neighbourly),
                ),
                wrong_link(CONTACTS, said_between_contacts(neighbourly)),
                Apart(why=NEIGHBOURLY),
            )
            for neighbourly in (standing, lack, hello, sample, Spare(peers=(b"n" * 32,)))
        ],
        inside(
            OFFER,
            Refused(
                how="Once more, when it was answered or given up",
                code="not-authorized",
                attack=offered_unasked,
            ),
            NO_ORDER,
            Refused(how=MEMBERS, code="wrong-link", attack=said_in_a_campaign(OFFER), why=OTHER_KIND),
            Refused(
                how="To somebody who did not dial with an invitation",
                code="wrong-link",
                attack=said_between_contacts(OFFER),
                why=OTHER_KIND,
            ),
        ),
        inside(
            ASK,
            Refused(
                how="Once more with the same invitation",
                code="invitation-served",
                attack=asked_with_a_served_invitation,
            ),
            NO_ORDER,
            wrong_link(MEMBERS, said_in_a_campaign(ASK)),
            Harmless(how="By a contact who never asked", attack=unmoved(ASK)),
        ),
        inside(
            DECIDED,
            Harmless(how="A decision on what was decided or never asked, twice", attack=unmoved(DECIDED, 2)),
            NO_ORDER,
            wrong_link(MEMBERS, said_in_a_campaign(DECIDED)),
            Harmless(how="A decision on somebody else's persona", attack=unmoved(DECIDED)),
        ),
        inside(
            stranger_noted,
            Harmless(how="Said twice", attack=unmoved(stranger_noted, 2)),
            NO_ORDER,
            wrong_link(MEMBERS, said_in_a_campaign(stranger_noted)),
            Harmless(how="About a persona that never asked", attack=unmoved(stranger_noted)),
        ),
        inside(
            Parted(),
            Harmless(how="Said twice by one member: one voice", attack=said_in_a_campaign(Parted(), 2)),
            NO_ORDER,
            wrong_link(CONTACTS, said_between_contacts(Parted())),
            SEALED,
        ),
    )


OUTLINE: Final = Outline(names=b"", seqs=(), tags=b"")
COMPARING: Final[tuple[Message, ...]] = (
    OUTLINE,
    Behind(places=(), names=b"n" * 6, lengths=(0,), tags=bytes(6)),
    Rungs(rungs=(Rung(name=b"n" * 6, seq=3, tags=b""),)),
    Agreed(names=b"n" * 6, lengths=(1,)),
    Cells(subject=Subject.LOGS, key=b"", count=1, start=0, cells=bytes(22)),
    More(subject=Subject.LOGS, upto=8),
    Missing(shorts=b"", last=True),
    Buckets(digests=bytes(6)),
    Listed(differing=b"\x80", handles=b"", last=True),
)
OUT_OF_TURN: Final = (
    "Words of a comparison answer each other: what answers nothing is no part of it. It ends the link."
)
SPELT: Final = "Nothing that is out of turn is looked at further, nor what does not parse."


def own_digest() -> Digest:
    """What a peer says that holds the same."""
    core = core_of_ana()
    campaign = next(iter(core.campaigns.values()))
    link = link_of_a_contact()
    link.campaign, link.exchange = campaign.id, Exchange(campaign.id, core.reader)
    comparing.begin(Step(NOW_MS), core.links, link, campaign, entropy=core.entropy)
    assert link.reconciling is not None
    return link.reconciling.digest


def said_after_digests(message: Message) -> Callable[[], object]:
    """Ana and the peer hold the same, and have told each other."""

    def attack() -> object:
        core = core_of_ana()
        campaign = next(iter(core.campaigns.values()))
        link = link_of_a_contact()
        link.campaign, link.exchange = campaign.id, Exchange(campaign.id, core.reader)
        comparing.begin(Step(NOW_MS), core.links, link, campaign, entropy=core.entropy)
        for one in (own_digest(), message):
            core.members.hear(Step(NOW_MS), link, link.exchange, campaign, one)
        return None

    return attack


def compared(message: Message) -> Row:
    """A row for a word of the comparison of two stores."""
    cells = (
        Refused(
            how="Where nothing asks for it, as when it is said again",
            code="malformed-frame",
            attack=said_after_digests(message),
            why=OUT_OF_TURN,
        ),
        Apart(why="It is the first word.")
        if isinstance(message, Digest)
        else Refused(
            how="Before the digests",
            code="malformed-frame",
            attack=said_in_a_campaign(message),
            why=OUT_OF_TURN,
        ),
        Refused(
            how="Cut by a byte before it was sealed",
            code="malformed-frame",
            attack=lambda: MESSAGES.decode(MESSAGES.encode(message)[:-1]),
            why=SPELT,
        ),
        wrong_link(CONTACTS, said_between_contacts(message)),
        Apart(why="Names and tags are made for the two of one link; to others they mean nothing."),
    )
    return Row(
        name=type(message).__name__,
        part="Messages inside a link",
        page="reconciliation.md",
        cells=cells,
        covers=(type(message),),
    )


FOREIGN: Final = SEALED_ITEMS.encode(ToldKey(terms=b"t" * 32, envelope=b"e" * 32, key=bytes(SHARE_BYTES)))
COUNTED_ELSEWHERE: Final = SEALED_ITEMS.encode(
    CountedSignOn(statement=b"s" * 32, ring=b"r" * 32, signature=b"t" * 96)
)
BEAT: Final = Beat(items=(FOREIGN, COUNTED_ELSEWHERE), filler=b"")
LOOSE: Final[tuple[Message, ...]] = (
    LooseNames(names=(b"n" * 32,)),
    LooseWant(names=(b"n" * 32,)),
    LooseItems(items=(FOREIGN, COUNTED_ELSEWHERE)),
)


def said_by_a_member(message: Message, times: int = 1) -> Callable[[], object]:
    """A member, whose link is known for theirs, says something of rounds that are not this campaign's."""

    def attack() -> object:
        core = core_of_ana()
        campaign = next(iter(core.campaigns.values()))
        link = link_of_a_contact()
        link.campaign, link.exchange = campaign.id, Exchange(campaign.id, core.reader)
        link.author = AuthorId(b"n" * 32)
        comparing.begin(Step(NOW_MS), core.links, link, campaign, entropy=core.entropy)
        for _ in range(times):
            step = Step(NOW_MS)
            core.members.hear(step, link, link.exchange, campaign, message)
            assert not [one for one in step.effects() if isinstance(one, Persist)]
        assert not campaign.rounds.items
        return None

    return attack


def loose(message: Message) -> Row:
    """A row for what carries sign-ons without an author."""
    carries = isinstance(message, Beat | LooseItems)
    cells = (
        Harmless(how="Said twice", attack=said_by_a_member(message, 2)),
        NO_ORDER,
        cut(message),
        wrong_link(CONTACTS, said_between_contacts(message)),
        Harmless(how="With what belongs to a round of another campaign", attack=said_by_a_member(message))
        if carries
        else Apart(why="A name says nothing; whoever lacks what it names asks, and gets nothing."),
    )
    return Row(
        name=type(message).__name__,
        part="Messages inside a link",
        page="sealed-signons.md",
        cells=cells,
        covers=(type(message),),
    )


def pong() -> Row:
    return inside(
        Pong(),
        Harmless(how="Unasked, twice", attack=said_in_a_campaign(Pong(), 2)),
        NO_ORDER,
        EVERYWHERE,
        EVERYWHERE,
    )


def rows() -> tuple[Row, ...]:
    from hostile_introductions import introductions

    ping, *others = messages()
    comparison = [compared(one) for one in (own_digest(), *COMPARING)]
    without_author = [loose(one) for one in (BEAT, *LOOSE)]
    return (*HANDSHAKES, *FRAMES, ping, pong(), *others, *comparison, *without_author, *introductions())
