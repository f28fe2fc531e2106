"""What a start reads instead of the log: where it does not fit, it is thrown away and the log is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from meshcoal.api.commands import CommentStatement, DraftStatement, ListStatements, RemoveMember, ShowCampaign
from meshcoal.api.views import CampaignView, StatementsView, StatementView
from meshcoal.clock import MINUTE_MS
from meshcoal.errors import Unknown
from meshcoal.log.changes import Change, EraseDocument, PutDocument
from meshcoal.node.events import CommandReceived
from meshcoal.node.rolls import ROLLS
from meshcoal.node.shelf import OUTLINES
from meshcoal.sim.coalition import form_campaign
from meshcoal.sim.disk import MemoryDisk
from meshcoal.sim.portrait import COPIES, ask, check_recovery, portrait, without_copies
from meshcoal.sim.workload import Workload
from meshcoal.sim.world import World

sys.path.insert(0, str(Path(__file__).parent))
from nodework import CALM, coalition, refused

NAMES = ("ana", "ben", "chi", "dov")


def busy(seed: int, steps: int = 60) -> tuple[World, MemoryDisk]:
    """A world in which much was said and done; and ana's disk as it was half-way."""
    world = World(seed, CALM)
    world.spawn(*NAMES)
    campaign = form_campaign(world, "ana", NAMES[1:], organisers=("ben",))
    workload = Workload(world, NAMES)
    chance = Random(seed)
    for number in range(3):
        text = f"We ask for {number}."
        draft = DraftStatement(campaign=campaign, language="en", title=f"Letter {number}", text=text)
        world.command(chance.choice(NAMES), draft, StatementView)
    half = world.machines["ana"].disk.copy()
    for step in range(steps):
        workload.step()
        world.run_ms(chance.randint(50, 3_000))
        if step == steps // 2:
            half = world.machines["ana"].disk.copy()
    for name in NAMES:
        world.restart(name)  # whoever crashed in the last steps would come back only later
    world.run_ms(MINUTE_MS)
    return world, half


@pytest.fixture(scope="module")
def story() -> tuple[World, MemoryDisk]:
    return busy(9)


def copies(disk: MemoryDisk) -> dict[tuple[str, bytes], bytes]:
    return {(space, key): value for space in COPIES for key, value in disk.documents(space)}


def shows_the_same(world: World, disk: MemoryDisk, changes: list[Change]) -> None:
    """Recovered from a disk that was changed so, ana's node shows what it shows without any copies."""
    changed = disk.copy()
    changed.commit(changes)
    now_ms = world.clock_ms(world.machines["ana"])
    wanted = portrait(world.recovered(without_copies(disk), "ana"), now_ms)
    assert wanted.differences(portrait(world.recovered(changed, "ana"), now_ms)) == []


@pytest.mark.parametrize("seed", range(3))
def test_copies_say_what_the_log_says(seed: int) -> None:
    """Goal: a start with copies and one without show the same. Method: at each node of busy worlds."""
    world, _ = busy(seed, steps=40)
    for name in NAMES:
        found = copies(world.machines[name].disk)
        assert {space for space, _ in found} == {ROLLS, OUTLINES}
        check_recovery(world, name)


@pytest.mark.parametrize(
    "damage",
    [
        lambda value, chance: b"",
        lambda value, chance: value[: chance.randrange(len(value))],
        lambda value, chance: value + b"\0",
        lambda value, chance: chance.randbytes(len(value)),
    ],
    ids=["emptied", "cut short", "longer", "overwritten"],
)
def test_damaged_copies_are_made_anew(
    story: tuple[World, MemoryDisk], damage: Callable[[bytes, Random], bytes]
) -> None:
    """Goal: no copy is believed that does not decode. Method: damage one, or all, of each space."""
    world, _ = story
    disk = world.machines["ana"].disk
    chance = Random("damage")
    found = list(copies(disk).items())
    for chosen in (
        found,
        *[[chance.choice([one for one in found if one[0][0] == space])] for space in COPIES],
    ):
        shows_the_same(
            world,
            disk,
            [
                PutDocument(space=space, key=key, value=damage(value, chance))
                for (space, key), value in chosen
            ],
        )


def test_copies_that_are_lost_or_exchanged_are_made_anew(story: tuple[World, MemoryDisk]) -> None:
    """Goal: copies count only in number and in their places. Method: erase one, and exchange two."""
    world, _ = story
    disk = world.machines["ana"].disk
    for space in COPIES:
        found = disk.documents(space)
        assert len(found) > 1
        (first, one), (last, other) = found[0], found[-1]
        shows_the_same(world, disk, [EraseDocument(space=space, key=first)])
        exchanged: list[Change] = [
            PutDocument(space=space, key=first, value=other),
            PutDocument(space=space, key=last, value=one),
        ]
        shows_the_same(world, disk, exchanged)


def test_copies_that_are_old_are_made_anew(story: tuple[World, MemoryDisk]) -> None:
    """Goal: a copy of an earlier time is not believed. Method: put back those of half-way, a space alone."""
    world, half = story
    disk = world.machines["ana"].disk
    for space in COPIES:
        old = dict(half.documents(space))
        now = dict(disk.documents(space))
        assert old != now
        changes: list[Change] = [PutDocument(space=space, key=key, value=value) for key, value in old.items()]
        shows_the_same(world, disk, changes)
        changes += [EraseDocument(space=space, key=key) for key in now if key not in old]
        shows_the_same(world, disk, changes)


def test_what_was_made_anew_is_written(story: tuple[World, MemoryDisk]) -> None:
    """Goal: the log is replayed once. Method: restart on a disk without copies: it has them again."""
    world, campaign = coalition("ana", "ben")
    draft = DraftStatement(campaign=campaign, language="en", title="Letter", text="We ask.")
    world.command("ana", draft, StatementView)
    world.run_ms(MINUTE_MS)
    before = copies(world.machines["ana"].disk)
    world.crash("ana")
    bare = without_copies(world.machines["ana"].disk)
    assert copies(bare) == {}
    world.machines["ana"].disk = bare
    world.restart("ana")
    world.run_ms(MINUTE_MS)
    after = copies(world.machines["ana"].disk)
    assert [key for key in before if before[key] != after.get(key)] == []


def test_outlines_do_not_outlive_the_verdicts() -> None:
    """Goal: a list follows a removal, also from disk. Method: a draft that was listed falls to it."""
    world, campaign = coalition("ana", "ben", "chi")
    world.partition({"ana"}, {"ben", "chi"})
    drafted = DraftStatement(campaign=campaign, language="en", title="Ben's", text="We ask.")
    world.command("ben", drafted, StatementView)
    view = world.look("ana", ShowCampaign(campaign=campaign), CampaignView)
    ben = next(member.author for member in view.members if member.name == "ben")
    world.command("ana", RemoveMember(campaign=campaign, author=ben), CampaignView)
    world.run_ms(MINUTE_MS)
    listed = world.look("chi", ListStatements(campaign=campaign), StatementsView)
    assert [one.title for one in listed.statements] == ["Ben's"]
    old = world.machines["chi"].disk.documents(OUTLINES)
    assert len(old) == 1
    world.heal()
    world.run_ms(MINUTE_MS)
    listed = world.look("chi", ListStatements(campaign=campaign), StatementsView)
    assert listed.statements == ()
    check_recovery(world, "chi")
    aged = world.machines["chi"].disk.copy()
    aged.commit([PutDocument(space=OUTLINES, key=key, value=value) for key, value in old])
    now_ms = world.clock_ms(world.machines["chi"])
    recovered = ask(world.recovered(aged, "chi"), ListStatements(campaign=campaign), StatementsView, now_ms)
    assert recovered.statements == ()


def test_an_outline_stands_under_its_own_statement() -> None:
    """Goal: no statement passes for another. Method: exchange the outlines of two that look alike."""
    world, campaign = coalition("ana", "ben")
    for title in ("First", "Second"):
        drafted = DraftStatement(campaign=campaign, language="en", title=title, text="We ask.")
        world.command("ana", drafted, StatementView)
    world.run_ms(MINUTE_MS)
    disk = world.machines["ana"].disk
    (first, one), (last, other) = disk.documents(OUTLINES)
    exchanged = disk.copy()
    changes = [
        PutDocument(space=OUTLINES, key=key, value=value) for key, value in ((first, other), (last, one))
    ]
    exchanged.commit(changes)
    core = world.recovered(exchanged, "ana")
    now_ms = world.clock_ms(world.machines["ana"])
    comment = CommentStatement(
        campaign=campaign, statement=first[32:], revision=first[32:], paragraph=0, text="Good."
    )
    core.handle(CommandReceived(request=1, command=comment), now_ms)  # so that one of them is folded anew
    listed = ask(core, ListStatements(campaign=campaign), StatementsView, now_ms)
    assert sorted(line.title for line in listed.statements) == ["First", "Second"]


def test_statements_come_in_pages() -> None:
    """Goal: old statements can be reached, however many there are. Method: five, in pages of two."""
    world, campaign = coalition("ana", "ben")
    for number in range(5):
        drafted = DraftStatement(campaign=campaign, language="en", title=f"{number}", text="We ask.")
        world.command("ana", drafted, StatementView)
    world.run_ms(MINUTE_MS)
    pages = []
    before = b""
    more = True
    while more:
        page = world.look("ben", ListStatements(campaign=campaign, before=before, limit=2), StatementsView)
        pages.append([line.title for line in page.statements])
        before, more = page.statements[0].id, page.more
    assert pages == [["3", "4"], ["1", "2"], ["0"]]
    refused(world, "ben", ListStatements(campaign=campaign, before=bytes(32)), Unknown)
