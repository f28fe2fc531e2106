"""Bundles by a member who wishes harm: refused by their code, nobody is cut off, and nothing stays."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from attachwork import attach, read_back, some_bytes
from bundlework import look, parts_of, take, write
from nodework import coalition

from meshcoal.api.commands import (
    BeginBundle,
    BeginReading,
    BundleFor,
    HavePart,
    NextPart,
    ShowCampaign,
    ShowReading,
    TakePart,
)
from meshcoal.api.views import BundleView, CampaignView, ReadingView
from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.parts import Locks, part_room, seal_part
from meshcoal.errors import Unknown
from meshcoal.limits import BUNDLE_PART_BYTES
from meshcoal.sim.coalition import post, timeline
from meshcoal.wire import canonical
from meshcoal.wire.bundle import Content, FilePiece, PlacedChunk, decode_content, encode_content
from meshcoal.wire.packing import pack, unpack
from meshcoal.wire.sealed import SEALED, ToldKey

CHANCE = SeededEntropy(b"hostile bundles")
SEALER = DeterministicSealer(CHANCE)
EMPTY = Content(
    bundle=bytes(16), number=0, mine=bytes(16), made_ms=1, first_ms=0, last_ms=0,
    runs=(), operations=(), items=(), files=(),
)  # fmt: skip


class Stage:
    """Ana has written something that Ben, who cannot be reached, has not; Mallory has Ana's keys."""

    def __init__(self) -> None:
        self.world, self.campaign = coalition("ana", "ben")
        self.world.run_ms(30_000)
        self.world.partition({"ana"}, {"ben"})
        self.world.run_ms(60_000)
        self.file = some_bytes(2_300_000, 1)
        self.message = attach(self.world, "ana", self.campaign, self.file).id
        for number in range(30):
            post(self.world, "ana", self.campaign, f"gate {number}")
        self.parts = write(self.world, "ana", self.campaign)

    def key(self) -> bytes:
        """The record key that all members hold."""
        core = self.world.core("ana")._core  # type: ignore[attr-defined]
        ring = core.campaigns[self.campaign].keyring
        held = [keys.record for keys in ring.epochs.values() if keys.record]
        return bytes(held[0])

    def sealed(self, content: Content | bytes) -> bytes:
        room = part_room(0)
        padded = content if isinstance(content, bytes) else encode_content(content, room)
        return seal_part(
            padded.ljust(room, b"\x00"), campaign=self.campaign, epochs=(self.key(),), members=(),
            sealer=SEALER, entropy=CHANCE,
        )  # fmt: skip

    def opened(self) -> Content:
        """What stands in Ana's first part."""
        core = self.world.core("ana")._core  # type: ignore[attr-defined]
        ring = core.campaigns[self.campaign].keyring
        records = [keys.record for keys in ring.epochs.values() if keys.record]
        padded = Locks(campaign=self.campaign, records=records, seeds=[]).open(self.parts[0], SEALER)
        assert padded is not None
        return decode_content(padded)

    def operations(self) -> list[bytes]:
        return [one for packed in self.opened().runs for one in unpack(self.campaign, packed).operations()]

    def holds(self, name: str) -> bytes:
        return self.world.look(name, ShowCampaign(campaign=self.campaign), CampaignView).heads_digest


def forged(encoded: bytes) -> bytes:
    """The same operation under a signature that does not hold."""
    header, signature, body, directs = canonical.reread(encoded)
    return canonical.encode((header, bytes(len(signature)), body, directs))


def others(encoded: bytes) -> bytes:
    """The same operation, as if of another campaign."""
    header, signature, body, directs = canonical.reread(encoded)
    fields = list(canonical.reread(header))
    fields[1] = b"\x55" * 32
    return canonical.encode((canonical.encode(tuple(fields)), signature, body, directs))


def packed(operations: list[bytes]) -> bytes:
    made = pack(operations)
    assert made is not None
    return made


def unknown_file(stage: Stage) -> Content:
    piece = FilePiece(file=bytes(32), manifest=b"m", chunks=(PlacedChunk(place=1, sealed=b"c"),))
    return dataclasses.replace(EMPTY, files=(piece,))


HARM: dict[str, tuple[Callable[[Stage], Content | bytes], str]] = {
    "no content": (lambda stage: b"nothing of the kind", "malformed-bundle"),
    "other padding": (lambda stage: b"\x81" * part_room(0), "malformed-bundle"),
    "a run of junk": (lambda stage: dataclasses.replace(EMPTY, runs=(b"junk",)), "malformed-operation"),
    "an operation of junk": (
        lambda stage: dataclasses.replace(EMPTY, operations=(b"junk",)), "malformed-operation",
    ),
    "an item of junk": (lambda stage: dataclasses.replace(EMPTY, items=(b"junk",)), "malformed-sealed"),
    "an item of no round": (
        lambda stage: dataclasses.replace(
            EMPTY, items=(SEALED.encode(ToldKey(terms=bytes(32), envelope=bytes(32), key=bytes(32))),)
        ),
        "",
    ),
    "chunks of no file": (unknown_file, "unknown"),
    "false signatures, spooled": (
        lambda stage: dataclasses.replace(EMPTY, runs=(packed([forged(one) for one in stage.operations()]),)),
        "bad-signature",
    ),
    "false signatures, as they are": (
        lambda stage: dataclasses.replace(EMPTY, operations=tuple(map(forged, stage.operations()))),
        "bad-signature",
    ),
    "another campaign's": (
        lambda stage: dataclasses.replace(EMPTY, operations=tuple(map(others, stage.operations()))),
        "wrong-campaign",
    ),
}  # fmt: skip


@pytest.mark.parametrize("harm", HARM)
def test_harm_changes_nothing_but_time(harm: str) -> None:
    """Goal: a bundle cannot hurt. Method: take in what a member made up; then the sound one, whole."""
    stage = Stage()
    world, campaign = stage.world, stage.campaign
    make, code = HARM[harm]
    before = stage.holds("ben")
    bad = stage.sealed(make(stage))
    seen = look(world, "ben", [bad])
    view = take(world, "ben", [bad])
    assert view.taken == 0
    if code:
        assert code in {one.code for one in (*view.refused, *seen.refused)}
    assert stage.holds("ben") == before
    world.run_ms(5_000)
    assert take(world, "ben", [*stage.parts, bad]).taken >= 30
    assert stage.holds("ben") == stage.holds("ana")
    assert read_back(world, "ben", campaign, stage.message) == stage.file


def test_a_false_run_is_nobody_s_who_is_linked() -> None:
    """Goal: whoever is connected does not pay for a stick. Method: Chi is linked while Ben takes junk in."""
    world, campaign = coalition("ana", "ben", "chi")
    world.run_ms(30_000)
    world.partition({"ana"}, {"ben", "chi"})
    world.run_ms(60_000)
    stage = Stage.__new__(Stage)
    stage.world, stage.campaign = world, campaign
    for number in range(30):
        post(world, "ana", campaign, f"gate {number}")
    stage.parts = write(world, "ana", campaign)
    false = packed([forged(one) for one in stage.operations()])
    bad = stage.sealed(dataclasses.replace(EMPTY, runs=(false,)))
    assert take(world, "ben", [bad]).refused
    post(world, "chi", campaign, "still here")
    world.run_ms(300)
    assert timeline(world, "ben", campaign)[-1] == "still here"


def test_chunks_that_are_not_the_file_s_are_not_kept() -> None:
    """Goal: a file is what was attached. Method: other manifests, chunks, places; then the sound ones."""
    stage = Stage()
    world, campaign = stage.world, stage.campaign
    (piece,) = stage.opened().files
    assert len(piece.chunks) > 2
    shifted = zip(piece.chunks, piece.chunks[1:], strict=False)
    swapped = tuple([PlacedChunk(place=one.place, sealed=other.sealed) for one, other in shifted])
    bad = [
        dataclasses.replace(piece, manifest=b"x" * len(piece.manifest)),
        dataclasses.replace(piece, chunks=(PlacedChunk(place=1, sealed=b"x" * 32_656),)),
        dataclasses.replace(piece, chunks=swapped),
    ]
    sound = dataclasses.replace(stage.opened(), files=())
    take(world, "ben", [stage.sealed(sound)])
    for one in bad:
        take(world, "ben", [stage.sealed(dataclasses.replace(EMPTY, files=(one,)))])
    take(world, "ben", stage.parts)
    assert read_back(world, "ben", campaign, stage.message) == stage.file


def test_a_flood_is_told_to_wait() -> None:
    """Goal: what waits is bounded. Method: a part full of what waits, over and over, without pause."""
    stage = Stage()
    world = stage.world
    made = [
        ToldKey(terms=bytes(32), envelope=number.to_bytes(32, "big"), key=bytes(32)) for number in range(200)
    ]
    items = tuple([SEALED.encode(one) for one in made])
    flood = stage.sealed(dataclasses.replace(EMPTY, items=items))
    reading = world.command("ben", BeginReading(), ReadingView).reading
    submitted = [world.submit("ben", TakePart(reading=reading, data=flood)) for _ in range(5)]
    world.run_ms(20)
    answers = [request.answer for request in submitted]
    busy = [answer for answer in answers if isinstance(answer, ReadingView) and answer.busy]
    assert busy
    world.run_ms(5_000)
    assert world.look("ben", ShowReading(reading=reading), ReadingView).waiting == 0


def test_parts_of_a_liar_on_the_stick_do_not_keep_anything_out() -> None:
    """Goal: nobody makes me leave something out. Method: a part that says all of mine, but not in my name."""
    stage = Stage()
    world, campaign = stage.world, stage.campaign
    liar = stage.sealed(dataclasses.replace(stage.opened(), number=7))
    broken = stage.sealed(dataclasses.replace(EMPTY, mine=stage.opened().mine, runs=(b"junk",)))
    command = BeginBundle(campaigns=(BundleFor(campaign=campaign),))
    for lying in (liar, broken, bytes(BUNDLE_PART_BYTES)):
        bundle = world.command("ana", command, BundleView).bundle
        assert parts_of(world, "ana", bundle, had=[lying])
    assert parts_of(world, "ana", world.command("ana", command, BundleView).bundle, had=stage.parts) == []


def test_forgotten_bundles_are_not_kept_for_ever() -> None:
    """Goal: what programs leave behind is bounded. Method: begin many; the first is gone, and says so."""
    stage = Stage()
    command = BeginBundle(campaigns=(BundleFor(campaign=stage.campaign),))
    bundles = [stage.world.command("ana", command, BundleView).bundle for _ in range(5)]
    with pytest.raises(Unknown):
        stage.world.command("ana", NextPart(bundle=bundles[0]), BundleView)
    with pytest.raises(Unknown):
        stage.world.command("ana", HavePart(bundle=bundles[0], data=bytes(BUNDLE_PART_BYTES)), BundleView)


def test_a_crash_in_the_middle_loses_nothing() -> None:
    """Goal: taking in can be cut anywhere. Method: Ben's machine goes down after each part; read again."""
    stage = Stage()
    world, campaign = stage.world, stage.campaign
    for part in stage.parts:
        reading = world.command("ben", BeginReading(), ReadingView).reading
        world.command("ben", TakePart(reading=reading, data=part), ReadingView)
        world.crash("ben")
        world.restart("ben")
        world.run_ms(2_000)
        with pytest.raises(Unknown):
            world.command("ben", ShowReading(reading=reading), ReadingView)
    assert not take(world, "ben", stage.parts).refused
    assert stage.holds("ben") == stage.holds("ana")
    assert read_back(world, "ben", campaign, stage.message) == stage.file
