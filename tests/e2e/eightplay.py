"""A campaign of eight nodes, each in a network namespace of its own, over every way there is.

Law: nobody has more than the lines of `eightmap` give them, and nothing is carried where none is. What people
do with files they do by the commands of the guide.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "net" / "tor"))

from eightmap import LINES, PEOPLE, RELAY, STATIONS, TOR_NETWORK, Way, carried
from eightnet import Places
from eightnodes import Held, Node, Relay, print_pages
from processwork import found, meet, until
from tornet import TorNet, new_net

from meshcoal.api.commands import (
    AddRelay,
    BeginBundle,
    BundleFor,
    ChoosePaths,
    DraftStatement,
    EndBundle,
    ExportStatement,
    FreezeStatement,
    GetTor,
    ListPeers,
    ListStatements,
    ReleaseStatement,
    Role,
    SetBridges,
    ShowCampaign,
    ShowStatement,
    SignStatement,
    StartNearby,
    StopNearby,
    SwitchTor,
)
from meshcoal.api.views import (
    BundleView,
    CampaignView,
    Done,
    FilesView,
    NearbyView,
    PeersView,
    RelaysView,
    StatementPhase,
    StatementsView,
    StatementView,
    TorStanding,
    TorView,
)
from meshcoal.clock import DAY_MS
from meshcoal.daemon.main import now_ms
from meshcoal.statement.publication import verify
from meshcoal.wire.terms import Capacity

CAMPAIGN: Final = "Eight for Evin"
EVENINGS: Final = ("Esi", "Farah")  # who are never up together
ROUNDS_MAX: Final = 6  # of carrying, until nobody has written anything that others lack
PATIENCE_S: Final = 120.0
Tell = Callable[[str], None]


class Play:
    """From nothing to a released letter that eight nodes hold alike."""

    def __init__(self, folder: Path, tell: Tell, *, short: bool = False) -> None:
        """`short`: Hiba is met in the hall too; a whole campaign on paper is some 35 pages."""
        self.folder = folder
        self.places = Places()
        self.nodes: dict[str, Node] = {}
        self.campaign = b""
        self.letter = b""
        self.digest = b""
        self.released: dict[str, bytes] = {}  # files of the letter
        self._begun_s = time.monotonic()
        self._say = tell
        self._by_hand = ("Gita",) if short else ("Gita", "Hiba")
        self._net: TorNet | None = None
        self._relay: Relay | None = None
        self._carried = 0
        self._apart_ms = 0
        self._leash = os.pipe()  # a play that is killed takes its daemons along

    def tell(self, what: str) -> None:
        self._say(f"[{time.monotonic() - self._begun_s:6.1f} s] {what}")

    async def run(self) -> None:
        """All of it. Raises `AssertionError` with what went wrong."""
        try:
            await self._build()
            await self._come_together()
            self._go_home()
            await self._begin_alone()
            await self._draft()
            await self._gather()
            await self._release()
            await self._end_equal()
        finally:
            await self._close()

    def at(self, name: str) -> Node:
        return self.nodes[name]

    # --- Places, cables, machines

    async def _build(self) -> None:
        for station in STATIONS:
            self.places.add(station.name, address=station.address)
        for person in PEOPLE:
            self.places.add(person.name, loopback=person.name != "Hiba")
            self.nodes[person.name] = Node(
                self.folder, person.name, self.places.inside(person.name), leash=self._leash[0]
            )
        addresses = {station.name: station.address for station in STATIONS}
        for line in LINES:
            if line.is_cable:
                self.places.cable(line.one, line.other, address=addresses.get(line.other, ""))
        self.tell("Ten network namespaces, and the cables between them.")
        inside = self.places.inside(TOR_NETWORK.name)
        self._net = new_net(self.folder / "t", address=TOR_NETWORK.address, inside=inside)
        rising = asyncio.create_task(asyncio.to_thread(self._net.up))
        try:
            for node in self.nodes.values():
                await asyncio.to_thread(node.make_vault_cheaply)
                await node.wake()
            self.tell("Eight daemons, each in a namespace of its own, each with its vault.")
        finally:
            await rising
        self.tell("A private Tor network: three authorities, four relays, an obfs4 bridge.")
        self._relay = Relay(self.folder, self.places.inside(RELAY.name), self._net.settings)
        await self._relay.start()
        self.tell("A relay, with an address and an onion service.")

    # --- A campaign

    async def _come_together(self) -> None:
        """Some meet once in one hall; Dov comes in through Tor; others by hand, and are never connected."""
        assert self._net is not None
        chi, dov = self.at("Chi"), self.at("Dov")
        guests = [name for name in self.nodes if name not in ("Dov", *self._by_hand)]
        self.places.hall("hall", guests)
        await dov.ask(ChoosePaths(only_tor=True), TorView)
        for node in (chi, dov):
            own = SwitchTor(on=True, own=True, control="", open_port=False, torrc=str(self._net.settings))
            await node.ask(own, TorView)
        await dov.ask(SetBridges(bridges=(self._net.bridge_line,)), TorView)
        self.campaign = await found(chi, CAMPAIGN)
        for name in guests:
            await self.at(name).ask(StartNearby(minutes=30), NearbyView)
        await asyncio.gather(
            *[meet(chi, self.at(name), self.campaign, role=_role(name)) for name in guests if name != "Chi"]
        )
        self.tell(f"In one hall Chi has founded the campaign and admitted {len(guests) - 1}, words compared.")
        for node in (chi, dov):
            await _stands(node, TorStanding.READY)
        await meet(chi, dov, self.campaign)
        self.tell("Chi has admitted Dov, through Tor.")
        await self._join_by_hand("Chi", "Gita", Way.STICK)
        self.tell("Chi has admitted Gita, who sent a request on a stick and got the campaign on another.")
        await self._stick("Gita", "Chi")  # only what she sends shows what has arrived
        if "Hiba" in self._by_hand:
            await self._agree([*guests, "Dov"], members=len(PEOPLE) - 1)
            await self._join_by_hand("Ana", "Hiba", Way.PAPER)
            self.tell("Ana has admitted Hiba, who sent a request on paper and got the campaign on paper.")
            await self._paper("Hiba", "Ana")
        assert self._relay is not None
        plain, onion = self._relay.texts
        await chi.ask(AddRelay(campaign=self.campaign, text=onion), RelaysView)
        await dov.ask(AddRelay(campaign=self.campaign, text=plain), RelaysView)
        await self._agree([*guests, "Dov"])
        if "Hiba" not in self._by_hand:
            await self._knows("Ana", "Hiba")
        self.tell("They hold the same. Chi and Dov have named the relay, by its onion and its address.")

    async def _join_by_hand(self, host: str, guest: str, way: Way) -> None:
        """As the guide has it: an invitation, a request, an answer, and twelve words that are the same."""
        carried(way, host, guest)
        invitation = self._thing("invitation")
        make = ("invite", "make", "--campaign", CAMPAIGN, "--seat", "exile", "--by-file")
        await self.at(host).type(*make, "--file", str(invitation))
        answer = ("invite", "answer", "--file", str(invitation))
        told = await self._hand(guest, host, way, *answer)
        words = json.loads(told)["introduction"]["words"]
        pending = json.loads(await self.at(host).type("invite", "pending", "--json"))["introductions"]
        assert [one["words"] for one in pending if one["name"] == guest] == [words]
        await self.at(host).type("admit", guest)
        await self._hand(host, guest, way, "invite", "reply", guest)

    async def _hand(self, giver: str, taker: str, way: Way, *words: str) -> str:
        """A command whose file or sheet somebody else reads. Returns what it told, as JSON."""
        if way is Way.PAPER:
            sheet = self._thing("sheet").with_suffix(".html")
            told = await self.at(giver).type(*words, "--paper", str(sheet), "--json")
            await self._photograph(sheet, giver, taker)
            return told
        stick = self._thing("stick")
        told = await self.at(giver).type(*words, "--to", f"{stick}/", "--json")
        await self.at(taker).type("bundle", "read", str(stick), "--yes")
        return told

    def _go_home(self) -> None:
        self.places.leave("hall")
        self._apart_ms = now_ms()
        assert self.places.devices("Gita") == {"lo": True}
        assert self.places.devices("Hiba") == {"lo": False}
        for person in PEOPLE:
            cables = [line for line in LINES if line.is_cable and person.name in (line.one, line.other)]
            assert len(self.places.devices(person.name)) == 1 + len(cables), person.name
            assert "default" not in self.places.reaches(person.name), person.name
        self.tell("Everybody has gone home: nobody has a network but the cables of the picture.")

    async def _begin_alone(self) -> None:
        for node in self.nodes.values():
            if node.name != "Dov":
                await node.ask(StopNearby(), NearbyView)
        for name in EVENINGS:
            assert await self.at(name).stop() == 0
        await self.at("Chi").ask(ChoosePaths(only_tor=True), TorView)
        # Ben has carried his machine home switched off; else both would take the link of the hall to stand.
        assert await self.at("Ben").stop() == 0
        await self.at("Ben").wake()
        for name in ("Ana", "Ben"):
            await self.at(name).ask(StartNearby(minutes=30), NearbyView)
        await self._linked("Ben", "Ana")
        await self._linked("Chi", "Dov")
        self.tell("Ana and Ben have found each other on their cable; Chi and Dov through Tor.")

    # --- The letter

    async def _draft(self) -> None:
        chi = self.at("Chi")
        draft = DraftStatement(
            campaign=self.campaign,
            language="en",
            title="Release the three teachers",
            text="Three teachers were taken on Tuesday at dawn.\n\nRelease them.",
        )
        self.letter = (await chi.ask(draft, StatementView)).id
        frozen = await chi.ask(
            FreezeStatement(
                campaign=self.campaign,
                statement=self.letter,
                revisions=(),
                addressees=("The Head of the Judiciary",),
                deadline_ms=now_ms() + DAY_MS,
            ),
            StatementView,
        )
        self.digest = frozen.digest
        await self._sign("Chi")
        self.tell("Chi has drafted a letter, frozen it, and signed.")

    async def _gather(self) -> None:
        """The letter goes to all, and eight signatures come back."""
        await self._open("Dov")
        await self._sign("Dov")
        self.tell("Dov has signed, through Tor.")
        signed = {"Chi", "Dov"}
        for name in EVENINGS:
            async with self._awake(name):
                await self._open(name)
                await self._sign(name)
                signed.add(name)
                await self._counts("Chi", signed)
            self.tell(f"{name} was up for a while, and has signed by way of the relay.")
        await self._stick("Chi", "Gita")
        await self._sign("Gita")
        await self._stick("Gita", "Ben")
        for name in ("Ben", "Ana"):
            await self._open(name)
            await self._sign(name)
        self.tell("Ben and Ana have signed; the letter went from one to the other over their cable.")
        await self._counts("Ana", {"Ana", "Ben", "Chi", "Dov", "Esi", "Farah", "Gita"})
        await self._paper("Ana", "Hiba")
        await self._sign("Hiba")
        await self._homeward()
        await self._counts("Chi", set(self.nodes))

    async def _release(self) -> None:
        chi = self.at("Chi")
        await chi.ask(ReleaseStatement(campaign=self.campaign, statement=self.letter), StatementView)
        self.tell("Chi counts eight signatures, and has released the letter.")

    async def _end_equal(self) -> None:
        """The release goes to all, and then whatever anybody still lacks."""
        await self._outward(self.nodes)
        for _ in range(ROUNDS_MAX):
            for name in self.nodes:
                if name not in EVENINGS:
                    await self._look(name)
            unequal = [name for name, node in self.nodes.items() if node.held != self.at("Chi").held]
            if not unequal:
                return await self._check()
            self.tell(f"Not equal yet: {', '.join(unequal)}.")
            most = max(self._operations(name) for name in self.nodes)
            lacking = [name for name in unequal if self._operations(name) < most]
            if self._operations("Chi") < most or not lacking:
                await self._homeward()
            else:
                await self._outward(lacking)
        raise AssertionError({name: node.held for name, node in self.nodes.items()})

    def _operations(self, name: str) -> int:
        held = self.at(name).held
        assert held is not None
        return held.operations

    async def _outward(self, names: Iterable[str]) -> None:
        """What Chi and Dov have goes to these."""
        wanted = set(names)
        await self._agree(("Chi", "Dov"))
        for name in EVENINGS:
            if name in wanted:
                async with self._awake(name):
                    await self._agree(("Chi", "Dov", name))
                    await self._look(name)
                self.tell(f"{name} was up again, and has what Chi and Dov have.")
        if wanted & {"Gita", "Ben", "Ana", "Hiba"}:
            await self._stick("Chi", "Gita")
        if wanted & {"Ben", "Ana", "Hiba"}:
            await self._stick("Gita", "Ben")
            await self._agree(("Ana", "Ben"))
        if "Hiba" in wanted:
            await self._paper("Ana", "Hiba")

    async def _homeward(self) -> None:
        """What the others wrote goes to Chi and Dov."""
        await self._paper("Hiba", "Ana")
        await self._agree(("Ana", "Ben"))
        await self._stick("Ben", "Gita")
        await self._stick("Gita", "Chi")

    async def _check(self) -> None:
        held = self.at("Chi").held
        assert held is not None
        assert held.phase is StatementPhase.RELEASED
        assert set(held.names) == {_named(name) for name in self.nodes}
        export = ExportStatement(campaign=self.campaign, statement=self.letter)
        files = {}
        for name in ("Ana", "Ben", "Chi", "Dov", "Gita", "Hiba"):
            view = await self.at(name).ask(export, FilesView)
            files[name] = {one.name: one.data for one in view.files}
        assert all(one == files["Chi"] for one in files.values()), "the same files everywhere"
        self.released = files["Chi"]
        (package,) = [name for name in self.released if name.endswith(".meshcoal.json")]
        report = verify(self.released[package])
        assert report.sound
        assert len(report.signatories) == len(PEOPLE)
        (self.folder / package).write_bytes(self.released[package])
        await self.at("Hiba").type("verify", package)
        self.tell(f"All eight hold the same {held.operations} operations and count the same eight names.")
        self.tell("`meshcoal verify` finds the released letter sound, at Hiba's, who has no network.")
        self._check_ways(await self._ways())

    async def _ways(self) -> dict[str, set[str]]:
        """By which links each has been connected since everybody went home, of those who are up.

        A link of the hall is taken to stand for a while: nobody has said goodbye on it.
        """
        ways = {}
        for name in ("Ana", "Ben", "Chi", "Dov", "Gita", "Hiba"):
            peers = await self.at(name).ask(ListPeers(), PeersView)
            ways[name] = {
                f"{one.transport} {one.name}"
                for one in peers.peers
                if one.connected and one.since_ms >= self._apart_ms
            }
        return ways

    @staticmethod
    def _check_ways(ways: dict[str, set[str]]) -> None:
        assert ways["Gita"] == ways["Hiba"] == set(), ways
        assert {one.partition(" ")[2] for one in ways["Ana"]} == {"Ben"}, ways
        assert {one.partition(" ")[2] for one in ways["Ben"]} == {"Ana"}, ways
        assert ways["Chi"] == {"onion Dov"}, ways
        assert ways["Dov"] == {"onion Chi"}, ways

    # --- One person's acts

    async def _sign(self, name: str) -> None:
        command = SignStatement(
            campaign=self.campaign,
            statement=self.letter,
            digest=self.digest,
            capacity=Capacity.ORGANISATION,
            name=_named(name),
        )
        await self.at(name).ask(command, StatementView)

    async def _open(self, name: str) -> None:
        """Wait until the letter has come, open for signing."""

        async def lacking() -> str:
            letters = await self.at(name).ask(ListStatements(campaign=self.campaign), StatementsView)
            phases = [one.phase for one in letters.statements]
            return "" if phases == [StatementPhase.OPEN] else f"{name} has no letter to sign: {phases}"

        await until(lacking, patience_s=PATIENCE_S)

    async def _counts(self, name: str, signed: Iterable[str]) -> None:
        """Wait until somebody counts exactly these."""
        wanted = {_named(one) for one in signed}

        async def lacking() -> str:
            seen = set((await self._held(self.at(name))).names)
            return "" if seen == wanted else f"{name} counts {sorted(seen)}, not {sorted(wanted)}"

        await until(lacking, patience_s=PATIENCE_S)

    async def _look(self, name: str) -> None:
        self.at(name).held = await self._held(self.at(name))

    async def _held(self, node: Node) -> Held:
        campaign = await node.ask(ShowCampaign(campaign=self.campaign), CampaignView)
        letter = await node.ask(ShowStatement(campaign=self.campaign, statement=self.letter), StatementView)
        return Held(
            operations=campaign.operations,
            heads=campaign.heads_digest,
            phase=letter.phase,
            names=tuple(sorted(one.name for one in letter.tally.entries)),
            tally=letter.tally.digest,
        )

    @asynccontextmanager
    async def _awake(self, name: str) -> AsyncIterator[None]:
        await self.at(name).wake()
        yield
        assert await self.at(name).stop() == 0

    # --- Between people

    async def _agree(self, names: Iterable[str], *, members: int = len(PEOPLE)) -> None:
        """Wait until these hold the same operations and can read all of them."""

        async def lacking() -> str:
            seen = {}
            for name in names:
                view = await self.at(name).ask(ShowCampaign(campaign=self.campaign), CampaignView)
                if len(view.members) < members or view.unopened or view.gaps:
                    return f"{name} sees {len(view.members)} members, {view.unopened} unread, {view.gaps}"
                seen[name] = view.operations, view.heads_digest.hex()[:8]
            return "" if len(set(seen.values())) == 1 else f"they differ: {seen}"

        await until(lacking, patience_s=PATIENCE_S)

    async def _knows(self, one: str, other: str) -> None:
        """Wait until one knows that another holds all there is: else a sheet would have to carry it."""
        view = await self.at(one).ask(ShowCampaign(campaign=self.campaign), CampaignView)
        (author,) = [member.author for member in view.members if member.name == other]
        shipment = BundleFor(campaign=self.campaign, members=(author,))

        async def lacking() -> str:
            begun = await self.at(one).ask(BeginBundle(campaigns=(shipment,)), BundleView)
            await self.at(one).ask(EndBundle(bundle=begun.bundle), Done)
            (shipped,) = begun.shipments
            return f"{one} would send {other} {shipped.operations}" if shipped.operations else ""

        await until(lacking, patience_s=PATIENCE_S)

    async def _linked(self, one: str, other: str) -> None:
        async def lacking() -> str:
            peers = await self.at(one).ask(ListPeers(), PeersView)
            linked = any(peer.connected and peer.name == other for peer in peers.peers)
            return "" if linked else f"{one} is not connected to {other}: {peers}"

        await until(lacking, patience_s=PATIENCE_S)

    async def _stick(self, giver: str, taker: str) -> None:
        """`meshcoal bundle write` at one's, `meshcoal bundle read` at the other's."""
        carried(Way.STICK, giver, taker)
        stick = self._thing("stick")
        await self.at(giver).type("bundle", "write", CAMPAIGN, "--to", f"{stick}/")
        if not any(stick.iterdir()):
            return
        told = await self.at(taker).type("bundle", "read", str(stick), "--yes")
        self.tell(f"A stick goes from {giver} to {taker}. {told.splitlines()[-1]}")

    async def _paper(self, giver: str, taker: str) -> None:
        """`meshcoal paper write`, a printer, coffee, a camera, `meshcoal paper read`."""
        carried(Way.PAPER, giver, taker)
        sheet = self._thing("sheet").with_suffix(".html")
        words = ("paper", "write", CAMPAIGN, "--to", str(sheet), "--for", taker)
        await self.at(giver).type(*words, allow=(0, 1))
        if sheet.exists():
            await self._photograph(sheet, giver, taker)

    async def _photograph(self, sheet: Path, giver: str, taker: str) -> None:
        pages = await asyncio.to_thread(print_pages, sheet)
        told = await self.at(taker).type("paper", "read", *map(str, pages), "--yes")
        count = f"{len(pages)} pages" if len(pages) > 1 else "One page"
        self.tell(f"{count} of codes from {giver} to {taker}, coffee on the first. {told.splitlines()[-1]}")

    def _thing(self, kind: str) -> Path:
        self._carried += 1
        return self.folder / f"{kind}{self._carried}"

    # --- The end

    async def _close(self) -> None:
        for node in self.nodes.values():
            if node.process is not None and node.process.poll() is None:
                await node.stop()
        if self._relay is not None:
            await asyncio.to_thread(self._relay.stop)
        if self._net is not None:
            await asyncio.to_thread(self._net.down)
        self.places.close()
        for end in self._leash:
            os.close(end)


def _role(name: str) -> Role:
    return Role.ORGANISER if name == "Ana" else Role.MEMBER


def _named(name: str) -> str:
    return f"The {name} Centre"


async def _stands(node: Node, standing: TorStanding) -> None:
    async def lacking() -> str:
        view = await node.ask(GetTor(), TorView)
        return "" if view.standing is standing else f"{node.name}: {view}"

    await until(lacking, patience_s=PATIENCE_S)
