"""A daemon in memory for the interface's tests: it answers commands with views and pushes notices.

It keeps just enough state that acting shows. `tests/contract/test_client_double.py` holds it to what the real
client and daemon do. Ana is the user; Ben, Chi and Dov are the others.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import re
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent))

from tuicases import FakeCases, case, delivery, with_file
from tuioffices import FakeOffices
from tuipaper import BENS, MINE, FakePaper, line, sheet
from tuisettings import FakeSettings
from tuitalk import FakeTalk

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.api.commands import Capacity, Command, Role, Seat, Stance, WordList
from meshcoal.api.steady import day_bytes
from meshcoal.errors import (
    BadKeyText,
    DaemonUnreachable,
    Locked,
    MalformedKeyText,
    MeshcoalError,
    NoVault,
    SentAlready,
    Unknown,
    VaultExists,
    WrongPassphrase,
    WrongPhase,
)
from meshcoal.limits import BUNDLE_PART_BYTES, MIB, SLIP_CLASSES_BYTES
from meshcoal.wire.key_text import decode_key_text, encode_key_text
from meshcoal.wire.record import Record
from meshcoal.wire.relay_text import decode_relay

NOW_MS: Final = 1_795_356_000_000  # 22 November 2026, 14:00 UTC
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
PASSPHRASE: Final = "gate four at nine"
WORDS: Final = ("harbour", "candle", "eleven", "river", "meadow", "tunnel", "copper", "window")
RUSSIAN: Final = ("гавань", "свеча", "мост", "река", "луг", "туннель", "медь", "окно")
SPELLINGS: Final = (
    v.SpellingView(word_list=WordList.ENGLISH, words=WORDS),
    v.SpellingView(word_list=WordList.RUSSIAN, words=RUSSIAN),
)
NAMES: Final = ("ana", "ben", "chi", "dov")

_CAPITAL: Final = re.compile("([A-Z])")


def identifier(text: str, size: int = 32) -> bytes:
    """An id that is the same in every run."""
    return hashlib.sha256(text.encode()).digest()[:size]


CAMPAIGN: Final = identifier("campaign")
GENERAL: Final = identifier("general", 16)
ALERTS: Final = identifier("alerts", 16)
LETTER: Final = identifier("letter")
NEARBY_OFF: Final = v.NearbyView(until_ms=-1, listening=False, trouble="", found=(), others=0)
STEADY_OFF: Final = v.SteadyView(
    every_s=0, links=0, people=3, day_bytes=0, waiting_bytes=0, refusing=(), relays=0, files=0
)
INVITATION_TEXT: Final = "meshcoal:1:" + "k7q2xv9w4m" * 24


def member(name: str, **changes: Any) -> v.MemberView:
    base = v.MemberView(
        author=identifier("author " + name),
        name=name,
        given_name=name,
        seat=Seat.EXILE,
        role=Role.MEMBER,
        state=v.MemberState.ACTIVE,
        fork=v.ForkState.NONE,
        me=False,
        verified=True,
        admitted_by="Ana",
        connected=True,
        last_seen_ms=NOW_MS - HOUR_MS,
        wrote_ms=NOW_MS - HOUR_MS,
        behind=0,
        introduced_by="",
        namesake="",
        warned=False,
    )
    return dataclasses.replace(base, **changes)


def message(number: int, name: str = "Ben", text: str = "", **changes: Any) -> v.MessageView:
    base = v.MessageView(
        id=identifier(f"message {number}"),
        author=identifier("author " + name),
        name=name,
        me=name == "Ana",
        at_ms=NOW_MS - DAY_MS + number * 60_000,
        text=text or f"message number {number}",
        reply_to=b"",
        doubted=False,
        held_by=4,
        held_of=4,
    )
    return dataclasses.replace(base, **changes)


def attachment(name: str = "ruling.pdf", size: int = 240_000, **changes: Any) -> v.AttachmentView:
    base = v.AttachmentView(
        file=identifier("file " + name),
        name=name,
        media_type="application/pdf",
        size=size,
        state=v.AttachmentState.HERE,
        held=9,
        of=9,
        held_by=1,
        held_of=4,
        risky=False,
    )
    return dataclasses.replace(base, **changes)


def revision(number: int, name: str = "Ben", language: str = "en", **changes: Any) -> v.RevisionView:
    base = v.RevisionView(
        id=identifier(f"revision {number}"),
        language=language,
        direction=v.Direction.LEFT_TO_RIGHT,
        title="Free Maryam Rahimi",
        paragraphs=("Maryam was taken at four this morning.", "We ask for her release, now."),
        name=name,
        at_ms=NOW_MS - 3 * HOUR_MS + number * 60_000,
        base=b"",
        merges=(),
        translates=b"",
        stale=False,
        checked_by=(),
        current=True,
        frozen=False,
    )
    return dataclasses.replace(base, **changes)


def entry(who: str, **changes: Any) -> v.EntryView:
    base = v.EntryView(
        id=identifier("sign-on " + who),
        author=identifier("author " + who),
        member=who,
        capacity=Capacity.ORGANISATION,
        name=f"{who}'s League for Rights",
        title="",
        affiliation="",
        country="Norway",
        seat=Seat.EXILE,
        at_ms=NOW_MS - HOUR_MS,
        state=v.EntryState.COUNTED,
        held_by=3,
    )
    return dataclasses.replace(base, **changes)


def asked(**changes: Any) -> v.RequestView:
    """Ana is to decide policy for the Centre; Dov may stand in from tomorrow."""
    base = v.RequestView(
        id=identifier("request"),
        office_id=identifier("office"),
        office="The Centre",
        name="Ben",
        at_ms=NOW_MS - HOUR_MS,
        note="By Friday, please.",
        state=v.RequestState.WAITING,
        decisions=(),
        step="policy",
        waits_for="Ana",
        since_ms=NOW_MS - HOUR_MS,
        deputies=("Dov",),
        deputies_from_ms=NOW_MS + 23 * HOUR_MS,
        my_turn=True,
    )
    return dataclasses.replace(base, **changes)


def profile(**changes: Any) -> v.ProfileView:
    """The Centre, with a logo of two by two pixels."""
    base = v.ProfileView(
        label="centre",
        capacity=Capacity.ORGANISATION,
        name="The Centre",
        names=(c.NameIn(language="fa", name="مرکز"),),
        title="",
        affiliation="",
        country="Iran",
        members=0,
        role="A house of women",
        logo=png(),
    )
    return dataclasses.replace(base, **changes)


def png(width: int = 2, height: int = 2, *, between: bytes = b"") -> bytes:
    """A grey PNG; `between` stands where programs write what is not the picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 0, 0, 0, 0))
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    parts = chunk(b"IHDR", head) + between + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def tally(entries: tuple[v.EntryView, ...]) -> v.TallyView:
    counted = [one for one in entries if one.state == v.EntryState.COUNTED]
    organisations = sum(one.capacity == Capacity.ORGANISATION for one in counted)
    return v.TallyView(
        digest=identifier(f"tally {len(counted)}"),
        organisations=organisations,
        individuals=len(counted) - organisations,
        counted=len(counted),
        in_country=sum(one.seat == Seat.IN_COUNTRY for one in counted),
        exile=sum(one.seat == Seat.EXILE for one in counted),
        ingo=sum(one.seat == Seat.INGO for one in counted),
        entries=entries,
    )


def draft(**changes: Any) -> v.StatementView:
    first = revision(1, current=False)
    second = revision(
        2,
        "Chi",
        paragraphs=("Maryam was taken at five this morning.", "We ask for her release, now.", "All of us."),
        base=first.id,
    )
    base = v.StatementView(
        campaign=CAMPAIGN,
        id=LETTER,
        title="Free Maryam Rahimi",
        phase=v.StatementPhase.DRAFT,
        name="Ben",
        revisions=(first, second),
        comments=(
            v.CommentView(
                id=identifier("comment"),
                revision=second.id,
                language="en",
                paragraph=2,
                name="Dov",
                at_ms=NOW_MS - HOUR_MS,
                text="Her lawyer agrees to this wording.",
                stance=Stance.REMARK,
                red_line=v.RedLine.NONE,
                mine=False,
                lifts=b"",
            ),
        ),
        version=0,
        digest=b"",
        canonical_text="",
        addressees=(),
        languages=("en",),
        deadline_ms=-1,
        soft_deadline_ms=-1,
        grace_ms=0,
        released_ms=-1,
        released_by="",
        earlier_version=0,
        earlier_text="",
        lapsed=(),
        unsigned=(),
        tally=tally(()),
        mine=None,
        actions=(v.Action.AMEND, v.Action.COMMENT, v.Action.FREEZE),
        ineffective=0,
        set_aside=(),
        held_by=2,
        held_of=4,
    )
    return dataclasses.replace(base, **changes)


def opened(**changes: Any) -> v.StatementView:
    """The letter, frozen and signed by two."""
    view = draft()
    frozen = tuple(dataclasses.replace(one, frozen=one.current) for one in view.revisions)
    view = dataclasses.replace(
        view,
        phase=v.StatementPhase.OPEN,
        revisions=frozen,
        version=1,
        digest=identifier("digest"),
        canonical_text="Free Maryam Rahimi\n\nMaryam was taken at five this morning.\n\nAll of us.\n",
        addressees=("The Minister of Justice",),
        deadline_ms=NOW_MS + 3 * DAY_MS,
        unsigned=("Ana", "Dov"),
        tally=tally(
            (entry("Ben"), entry("Chi", capacity=Capacity.INDIVIDUAL, name="Chi Wu", seat=Seat.INGO))
        ),
        actions=(v.Action.SIGN, v.Action.RELEASE, v.Action.COMMENT),
    )
    return dataclasses.replace(view, **changes)


def sealing(**changes: Any) -> v.SealView:
    """Three of five have signed sealed, of twelve who might."""
    view = v.SealView(
        phase=v.SealPhase.SHUT,
        threshold=5,
        members=12,
        shares_needed=5,
        verified=9,
        expires_ms=NOW_MS + 3 * DAY_MS,
        count=3,
        opened=0,
        false_envelopes=0,
        mine=v.SealedMine.NONE,
        floor=0,
        sentences=(),
        refusal="",
        without_keys=("Dov",),
    )
    return dataclasses.replace(view, **changes)


def counting(**changes: Any) -> v.CountedView:
    """Four are counted, of twelve three are named."""
    view = v.CountedView(
        members=12,
        named=3,
        crowd=9,
        counted=4,
        withdrawn=0,
        everybody=False,
        mine=v.CountedMine.NONE,
        over=False,
        sentences=(),
        refusal="",
        without_keys=("Dov",),
    )
    return dataclasses.replace(view, **changes)


def campaign(**changes: Any) -> v.CampaignView:
    base = v.CampaignView(
        id=CAMPAIGN,
        name="Free Maryam",
        goal="Maryam comes home, and nobody else is taken for having asked",
        founded_ms=NOW_MS - 9 * DAY_MS,
        state=v.MemberState.ACTIVE,
        seat=Seat.IN_COUNTRY,
        role=Role.ORGANISER,
        channels=(
            v.ChannelView(id=GENERAL, name="general", messages=3, unread=2),
            v.ChannelView(id=ALERTS, name="alerts", messages=0, unread=0),
        ),
        members=(
            member("Ana", me=True, seat=Seat.IN_COUNTRY, role=Role.ORGANISER, admitted_by=""),
            member("Ben", role=Role.ORGANISER, deniable_ms=NOW_MS - 14 * DAY_MS),
            member("Chi", seat=Seat.INGO, verified=False, behind=3),
            member("Dov", connected=False, last_seen_ms=-1, behind=-1, given_name="Dov of the League"),
        ),
        gaps=(v.GapView(author=identifier("author Chi"), name="Chi", missing=3),),
        statements=(),
        unopened=0,
        operations=42,
        heads_digest=identifier("heads"),
        talk_days=7,
        busy=(),
    )
    return dataclasses.replace(base, **changes)


def troubled() -> v.CampaignView:
    """A campaign that catches up, with gaps, something that waits, and two nodes that keep things back."""

    def kept(peer: str, name: str, **changes: Any) -> v.WithheldView:
        base = v.WithheldView(
            peer=identifier("author " + peer),
            peer_name=peer,
            author=identifier("author " + name),
            name=name,
            count=3,
            shown_by=v.ShownBy.SAID,
            certain=True,
            since_ms=NOW_MS - 2 * HOUR_MS,
            came_ms=NOW_MS - HOUR_MS,
        )
        return dataclasses.replace(base, **changes)

    return campaign(
        gaps=(
            v.GapView(
                author=identifier("author Chi"),
                name="Chi",
                missing=3,
                since_ms=NOW_MS - 3 * HOUR_MS,
                said_by=("Ben", "Dov"),
            ),
        ),
        waits=(
            v.WaitView(
                author=identifier("author Chi"),
                name="Chi",
                operations=2,
                since_ms=NOW_MS - HOUR_MS,
                cited_by=("Ben",),
            ),
        ),
        withheld=(
            kept("Ben", "Dov"),
            kept("Dov", "Chi", shown_by=v.ShownBy.SENT, certain=False, came_ms=-1, count=1),
        ),
        catching_up=v.CatchingUpView(coming=19_700, waiting=8_000, taken=12_300),
    )


def introduction(**changes: Any) -> v.IntroductionView:
    base = v.IntroductionView(
        id=identifier("introduction", 16),
        mine=False,
        person=identifier("person Eli"),
        name="Eli",
        words=SPELLINGS,
        verified=False,
        campaign=CAMPAIGN,
        campaign_name="Free Maryam",
        seat=Seat.EXILE,
        state=v.IntroductionState.ASKING,
        since_ms=NOW_MS - HOUR_MS,
        warned=False,
    )
    return dataclasses.replace(base, **changes)


def acquaintance(**changes: Any) -> v.AcquaintanceView:
    base = v.AcquaintanceView(
        id=identifier("acquaintance", 16),
        introducer=identifier("person Ben"),
        introducer_name="Ben",
        introducer_verified=True,
        person=identifier("person Fay"),
        name="Fay",
        note="Fay is the lawyer of the family",
        known=False,
        state=v.AcquaintanceState.OFFERED,
        since_ms=NOW_MS - HOUR_MS,
        expires_ms=NOW_MS + 13 * DAY_MS,
        warned=False,
    )
    return dataclasses.replace(base, **changes)


def brokered(**changes: Any) -> v.BrokeredView:
    base = v.BrokeredView(
        id=identifier("brokered", 16),
        first=identifier("person Ben"),
        first_name="Ben",
        first_told=True,
        second=identifier("person Chi"),
        second_name="Chi",
        second_told=False,
        since_ms=NOW_MS - HOUR_MS,
        expires_ms=NOW_MS + 13 * DAY_MS,
    )
    return dataclasses.replace(base, **changes)


def warning(**changes: Any) -> v.WarningView:
    base = v.WarningView(
        id=identifier("warning", 16),
        kind=v.WarningKind.CONTACT,
        subject=identifier("person false Ben"),
        name="Bén",
        known=identifier("person Ben"),
        known_name="Ben",
        known_me=False,
        known_refused=False,
        known_verified_ms=NOW_MS - 9 * DAY_MS,
        campaign=b"",
        campaign_name="",
        since_ms=NOW_MS - HOUR_MS,
    )
    return dataclasses.replace(base, **changes)


def withholding() -> v.WarningView:
    return warning(
        id=identifier("a device", 16),
        kind=v.WarningKind.WITHHELD,
        subject=identifier("author Dov"),
        name="Dov",
        known=b"",
        known_name="",
        known_verified_ms=-1,
        campaign=CAMPAIGN,
        campaign_name="Free Maryam",
    )


def false_relay() -> v.WarningView:
    return warning(
        id=identifier("a relay", 16),
        kind=v.WarningKind.RELAY,
        subject=identifier("a relay"),
        name="relay.example.org:7700",
        known=b"",
        known_name="",
        known_verified_ms=-1,
        campaign=CAMPAIGN,
        campaign_name="Free Maryam",
    )


def contact(name: str = "Ben", **changes: Any) -> v.ContactView:
    base = v.ContactView(
        person=identifier("person " + name),
        petname="",
        given_name=name,
        fingerprint=SPELLINGS,
        words=SPELLINGS,
        link_text=encode_key_text(identifier("person " + name)),
        verified=False,
        verified_ms=-1,
        connected=True,
        last_seen_ms=NOW_MS - HOUR_MS,
        introduced_by="",
        introduced_ms=-1,
        warned=False,
    )
    return dataclasses.replace(base, **changes)


def invitation(number: int = 1, **changes: Any) -> v.InvitationView:
    base = v.InvitationView(
        id=identifier(f"invitation {number}", 16),
        text=INVITATION_TEXT,
        campaign=CAMPAIGN,
        campaign_name="Free Maryam",
        seat=Seat.EXILE,
        expires_ms=NOW_MS + DAY_MS,
    )
    return dataclasses.replace(base, **changes)


def _reply(called: str, *, double: bool = False) -> v.ReplyView:
    return v.ReplyView(
        id=identifier(called),
        key=identifier(f"{called} key"),
        capacity=Capacity.ORGANISATION,
        name=called,
        title="",
        affiliation="",
        country="Kenya",
        languages_read=("en",),
        signed_ms=NOW_MS - HOUR_MS,
        state=c.ReplyState.WAITING,
        note="",
        late=False,
        double=double,
        further=False,
    )


def tor_view(**fields: Any) -> v.TorView:
    """How Tor stands; off, unless said otherwise."""
    usual: dict[str, Any] = {
        "standing": v.TorStanding.OFF,
        "percent": 0,
        "doing": "",
        "code": "",
        "sentence": "",
        "version": "",
        "services": 0,
        "published": 0,
        "only_tor": False,
        "damaged": False,
        "own": False,
        "control": "",
        "open_port": False,
        "torrc": "",
        "bridges": 0,
    }
    return v.TorView(**{**usual, **fields})


def path_view(kind: v.PathKind, **fields: Any) -> v.PathView:
    """A path of which nothing is known."""
    unknown = v.PathView(
        kind=kind, known=False, open=True, up=False, worked_ms=-1, by_day=False, failed_ms=-1, code=""
    )
    return dataclasses.replace(unknown, **fields)


def reach_view(name: str, kind: str) -> v.ReachView:
    """Ben is connected, Chi was, Dov never."""
    plain, onion = v.PathKind.PLAIN, v.PathKind.ONION
    paths = {
        "Ben": (path_view(plain, known=True, up=True, worked_ms=NOW_MS),),
        "Chi": (
            path_view(
                plain,
                known=True,
                worked_ms=NOW_MS - HOUR_MS,
                failed_ms=NOW_MS - 60_000,
                code="dial-failed",
            ),
            path_view(onion, known=True, open=False, worked_ms=NOW_MS - 50 * HOUR_MS, by_day=True),
            path_view(v.PathKind.CARRIED, known=True),
        ),
        "Dov": (path_view(v.PathKind.CARRIED, known=True),),
    }
    steps = {
        "Ben": (),
        "Chi": (v.NextStep.TOR_ON, v.NextStep.ADD_RELAY, v.NextStep.NEARBY, v.NextStep.STICK),
        "Dov": (v.NextStep.ADDRESS, v.NextStep.STICK),
    }
    return v.ReachView(
        who=identifier(f"{kind} {name}"),
        name=name,
        connected=name == "Ben",
        paths=paths[name],
        steps=steps[name],
        next_try_ms=NOW_MS + 30_000 if name == "Chi" else -1,
    )


class FakeDaemon(FakeCases, FakeOffices, FakePaper, FakeSettings, FakeTalk):
    """State, and every connection to it. `sent` is every command that was carried out or refused."""

    def __init__(self, *, vault: v.VaultState = v.VaultState.UNLOCKED) -> None:
        FakeCases.__init__(self)
        FakeOffices.__init__(self)
        FakePaper.__init__(self)
        FakeSettings.__init__(self)
        FakeTalk.__init__(self)
        self.nearby = NEARBY_OFF
        self.steady = STEADY_OFF
        self.parts = 0  # of a bundle, still to be written
        self.vault = vault
        self.name = "" if vault == v.VaultState.ABSENT else "Ana"
        self.passphrase = PASSPHRASE
        self.hints: tuple[str, ...] = ("192.0.2.7:4040",)
        self.campaigns: dict[bytes, v.CampaignView] = {}
        self.statements: dict[bytes, v.StatementView] = {}
        self.messages: dict[bytes, list[v.MessageView]] = {GENERAL: [], ALERTS: []}
        self.first_unread: dict[bytes, bytes] = {}
        self.today: list[v.TodayItemView] = []
        self.uploads: dict[bytes, v.AttachmentView] = {}
        self.handed: dict[bytes, bytes] = {}
        self.contacts: dict[bytes, v.ContactView] = {}
        self.introductions: dict[bytes, v.IntroductionView] = {}
        self.invitations: dict[bytes, v.InvitationView] = {}
        self.replies: dict[bytes, v.ReplyView] = {}
        self.imported: set[bytes] = set()
        self.acquaintances: dict[bytes, v.AcquaintanceView] = {}
        self.brokered: dict[bytes, v.BrokeredView] = {}
        self.warnings: dict[bytes, v.WarningView] = {}
        self.word_list = WordList.ENGLISH
        self.profiles: list[v.ProfileView] = []
        self.peers: tuple[v.PeerView, ...] = ()
        self.relays: tuple[v.RelayView, ...] = ()
        self.counters: tuple[v.CounterView, ...] = ()
        self.previewed: tuple[v.FileView, ...] = (
            v.FileView(
                name="statement-0bf47489.en.txt", data=b"Free Maryam Rahimi\n\nWe ask for her release.\n"
            ),
            v.FileView(
                name="statement-0bf47489.signatories.txt", data=b"Free Maryam Rahimi\nSignatories: 2\n"
            ),
        )
        self.files: tuple[v.FileView, ...] = (
            v.FileView(name="free-maryam.mcpkg", data=b"package"),
            v.FileView(name="free-maryam.en.txt", data=b"text"),
        )
        self.sent: list[Command] = []
        self.clients: list[FakeClient] = []
        self.up = True
        self.refuse: dict[type[Command], MeshcoalError] = {}  # next answer to such a command
        self.hold: asyncio.Event | None = None  # answers wait for it
        self.numbers = 1_000
        self.tor = tor_view()
        self.data = v.DataView(
            level=v.SavingLevel.FULL,
            saving=False,
            day_bytes=12 * MIB,
            month_bytes=345 * MIB,
            day_bytes_max=50 * MIB,
            month_bytes_max=0,
        )

    @classmethod
    def with_case(cls) -> FakeDaemon:
        """The same, and an alert of Ben's."""
        daemon = cls.with_campaign()
        alert = case(CAMPAIGN)
        daemon.cases[alert.id] = alert
        return daemon

    @classmethod
    def with_campaign(cls) -> FakeDaemon:
        """Ana, in one campaign with three others, two messages and a letter in draft."""
        daemon = cls()
        daemon.messages[GENERAL] = [
            message(1, "Ben", "Maryam was taken at four. Two cars, no plates."),
            message(2, "Ana", "I call her brother now.", reply_to=identifier("message 1"), held_by=3),
            message(3, "Chi", "Our lawyer is on her way.\nWe can publish in three languages."),
        ]
        daemon.campaigns[CAMPAIGN] = campaign()
        daemon.statements[LETTER] = draft()
        daemon.contacts = {one.person: one for one in (contact("Ben", verified=True), contact("Chi"))}
        daemon.introductions = {introduction().id: introduction()}
        daemon.peers = (
            v.PeerView(
                name="Ben",
                campaign_name="Free Maryam",
                connected=True,
                transport="websocket",
                dialled=True,
                since_ms=NOW_MS - HOUR_MS,
                last_error="",
                next_try_ms=-1,
            ),
        )
        daemon.counters = (v.CounterView(code="bad-seal", count=2),)
        return daemon

    async def connect(self) -> FakeClient:
        if not self.up:
            raise DaemonUnreachable("the daemon does not run")
        client = FakeClient(self)
        self.clients.append(client)
        return client

    def push(self, kind: v.NoticeKind, **fields: Any) -> None:
        """Tell every client that listens."""
        for client in self.clients:
            client.push(v.Notice(kind=kind, **fields))

    def stop(self) -> None:
        """The daemon ends: connections break."""
        self.up = False
        for client in self.clients:
            client.end()
        self.clients.clear()

    # --- Commands

    def answer(self, command: Command) -> Record:
        """Carry a command out."""
        self.sent.append(command)
        refusal = self.refuse.pop(type(command), None)
        if refusal is not None:
            raise refusal
        if not isinstance(command, c.DAEMON_COMMANDS):
            if self.vault == v.VaultState.ABSENT:
                raise NoVault("there is no identity here yet")
            if self.vault == v.VaultState.LOCKED:
                raise Locked("the vault is locked")
        handler: Callable[[Any], Record] = getattr(
            self, "on" + _CAPITAL.sub(r"_\1", type(command).__name__).lower()
        )
        return handler(command)

    def next_id(self, what: str, size: int = 32) -> bytes:
        self.numbers += 1
        return identifier(f"{what} {self.numbers}", size)

    def status(self) -> v.StatusView:
        name = self.name if self.vault == v.VaultState.UNLOCKED else ""
        return v.StatusView(version="0", vault=self.vault, name=name, process=1, listening=())

    def on_get_status(self, _command: c.GetStatus) -> Record:
        return self.status()

    def on_get_tor(self, _command: c.GetTor) -> Record:
        return self.tor

    def on_create_vault(self, command: c.CreateVault) -> Record:
        if self.vault != v.VaultState.ABSENT:
            raise VaultExists("there is an identity already")
        self.name, self.passphrase, self.vault = command.name, command.passphrase, v.VaultState.UNLOCKED
        return self.status()

    def on_unlock(self, command: c.Unlock) -> Record:
        if command.passphrase != self.passphrase:
            raise WrongPassphrase("that passphrase does not open the vault")
        self.vault = v.VaultState.UNLOCKED
        return self.status()

    def on_lock(self, _command: c.Lock) -> Record:
        self.vault = v.VaultState.LOCKED
        self.push(v.NoticeKind.STATUS)
        return self.status()

    def on_change_passphrase(self, command: c.ChangePassphrase) -> Record:
        if command.old != self.passphrase:
            raise WrongPassphrase("that passphrase does not open the vault")
        self.passphrase = command.new
        return v.Done()

    def on_subscribe(self, _command: c.Subscribe) -> Record:
        return v.Done()

    def on_show_identity(self, _command: c.ShowIdentity) -> Record:
        person = identifier("person Ana")
        return v.IdentityView(
            person=person,
            name=self.name,
            fingerprint=SPELLINGS,
            hints=self.hints,
            link_text=encode_key_text(person),
            word_list=self.word_list,
        )

    def on_set_name(self, command: c.SetName) -> Record:
        self.name = command.name
        return self.on_show_identity(c.ShowIdentity())

    def on_set_hints(self, command: c.SetHints) -> Record:
        self.hints = command.hints
        return self.on_show_identity(c.ShowIdentity())

    def on_list_contacts(self, _command: c.ListContacts) -> Record:
        return v.ContactsView(contacts=tuple(self.contacts.values()))

    def on_set_petname(self, command: c.SetPetname) -> Record:
        return self._contact(command.person, petname=command.petname)

    def on_confirm_words(self, command: c.ConfirmWords) -> Record:
        for key, met in self.introductions.items():
            if met.person == command.person:
                self.introductions[key] = dataclasses.replace(met, verified=command.match)
                self.contacts.setdefault(command.person, contact(met.name, person=command.person))
        return self._contact(command.person, verified=command.match)

    def _contact(self, person: bytes, **changes: Any) -> v.ContactView:
        if person not in self.contacts:
            raise Unknown("no such contact")
        self.contacts[person] = dataclasses.replace(self.contacts[person], **changes)
        return self.contacts[person]

    def on_forget_contact(self, command: c.ForgetContact) -> Record:
        if self.contacts.pop(command.person, None) is None:
            raise Unknown("no such contact")
        return v.Done()

    def on_set_word_list(self, command: c.SetWordList) -> Record:
        self.word_list = command.word_list
        return self.on_show_identity(c.ShowIdentity())

    def on_compare_key(self, command: c.CompareKey) -> Record:
        try:
            shown = decode_key_text(command.text)
        except MalformedKeyText as exc:
            raise BadKeyText(f"Nothing was compared, because the text cannot be read: {exc}.") from exc
        outcome, other = v.Comparison.DIFFERENT, ""
        if shown == command.person:
            outcome = v.Comparison.SAME
        elif shown == identifier("person Ana"):
            outcome = v.Comparison.MINE
        elif shown in self.contacts:
            outcome, other = v.Comparison.OTHER_CONTACT, self.contacts[shown].given_name
        changes = {"verified": outcome is v.Comparison.SAME}
        if outcome in (v.Comparison.MINE, v.Comparison.OTHER_CONTACT):
            changes = {}
        self._contact(command.person, **changes)
        view = self.contacts[command.person]
        if outcome is v.Comparison.DIFFERENT:
            made = warning(
                kind=v.WarningKind.DIFFERED, subject=view.person, known=view.person, name=view.given_name
            )
            self.warnings[made.id] = made
        return v.ComparedView(contact=view, outcome=outcome, other_name=other)

    def on_list_warnings(self, _command: c.ListWarnings) -> Record:
        return v.WarningsView(warnings=tuple(self.warnings.values()))

    def on_dismiss_warning(self, command: c.DismissWarning) -> Record:
        if self.warnings.pop(command.warning, None) is None:
            raise Unknown("no such warning")
        return self.on_list_warnings(c.ListWarnings())

    def on_introduce(self, command: c.Introduce) -> Record:
        first, second = self.contacts[command.first], self.contacts[command.second]
        made = brokered(
            id=self.next_id("brokered", 16),
            first=first.person,
            first_name=first.given_name,
            second=second.person,
            second_name=second.given_name,
        )
        self.brokered[made.id] = made
        return made

    def on_list_acquaintances(self, _command: c.ListAcquaintances) -> Record:
        return v.AcquaintancesView(
            offered=tuple(self.acquaintances.values()), made=tuple(self.brokered.values())
        )

    def on_answer_acquaintance(self, command: c.AnswerAcquaintance) -> Record:
        one = self.acquaintances.pop(command.acquaintance, None)
        if one is None:
            raise Unknown("no such introduction")
        if command.accept:
            self.acquaintances[one.id] = dataclasses.replace(one, state=v.AcquaintanceState.ACCEPTED)
        return self.on_list_acquaintances(c.ListAcquaintances())

    def on_make_invitation(self, command: c.MakeInvitation) -> Record:
        name = self._campaign(command.campaign).name if command.campaign else ""
        made = invitation(
            self.numbers,
            campaign=command.campaign,
            campaign_name=name,
            seat=command.seat,
            expires_ms=NOW_MS + command.lifetime_ms,
        )
        self.numbers += 1
        self.invitations[made.id] = made
        return made

    def on_list_invitations(self, _command: c.ListInvitations) -> Record:
        return v.InvitationsView(invitations=tuple(self.invitations.values()))

    def on_revoke_invitation(self, command: c.RevokeInvitation) -> Record:
        if self.invitations.pop(command.invitation, None) is None:
            raise Unknown("no such invitation")
        return v.Done()

    def on_accept_invitation(self, _command: c.AcceptInvitation) -> Record:
        met = introduction(
            id=self.next_id("introduction", 16),
            mine=True,
            person=b"",
            name="",
            words=(),
            state=v.IntroductionState.DIALLING,
        )
        self.introductions[met.id] = met
        return met

    def on_answer_invitation(self, command: c.AnswerInvitation) -> Record:
        met = introduction(
            id=self.next_id("introduction", 16),
            mine=True,
            person=b"",
            name="",
            state=v.IntroductionState.CARRIED,
            by_file=True,
        )
        self.introductions[met.id] = met
        size = SLIP_CLASSES_BYTES[1] if command.paper else BUNDLE_PART_BYTES
        return v.CarriedRequestView(introduction=met, data=bytes(size), name="abcdefghijklmnop")

    def on_list_introductions(self, _command: c.ListIntroductions) -> Record:
        return v.IntroductionsView(introductions=tuple(self.introductions.values()))

    def on_admit(self, command: c.Admit) -> Record:
        met = self.introductions[command.introduction]
        self.introductions[met.id] = dataclasses.replace(met, state=v.IntroductionState.ADMITTED)
        view = self._campaign(met.campaign)
        newcomer = member(met.name, seat=command.seat, role=command.role, verified=met.verified)
        return self._save(dataclasses.replace(view, members=(*view.members, newcomer)))

    def on_refuse(self, command: c.Refuse) -> Record:
        met = self.introductions[command.introduction]
        self.introductions[met.id] = dataclasses.replace(met, state=v.IntroductionState.REFUSED)
        return v.Done()

    def on_found_campaign(self, command: c.FoundCampaign) -> Record:
        channels = tuple(
            v.ChannelView(id=self.next_id("channel", 16), name=name, messages=0, unread=0)
            for name in command.channels
        )
        for channel in channels:
            self.messages[channel.id] = []
        me = member(command.my_name or self.name, me=True, seat=command.seat, role=Role.ORGANISER)
        made = campaign(
            id=self.next_id("campaign"),
            name=command.name,
            goal=command.goal,
            seat=command.seat,
            channels=channels,
            members=(me,),
            gaps=(),
        )
        self.push(v.NoticeKind.CAMPAIGNS, by_me=True)
        return self._save(made)

    def on_list_campaigns(self, _command: c.ListCampaigns) -> Record:
        return v.CampaignsView(campaigns=tuple(self._summary(view) for view in self.campaigns.values()))

    def _summary(self, view: v.CampaignView) -> v.CampaignSummaryView:
        active = [one for one in view.members if one.state == v.MemberState.ACTIVE]
        letters = self._letters(view.id)
        return v.CampaignSummaryView(
            id=view.id,
            name=view.name,
            goal=view.goal,
            state=view.state,
            members=len(active),
            connected=sum(one.connected and not one.me for one in active),
            unread=sum(channel.unread for channel in view.channels),
            open_statements=sum(
                one.phase == v.StatementPhase.OPEN and not one.signed_by_me for one in letters
            ),
            missing=sum(gap.missing for gap in view.gaps),
            heads_digest=view.heads_digest,
            alerts=sum(not one.closed and not one.answered_by_me for one in self.lines(view.id)),
            due=sum(due_ms <= NOW_MS for one in letters for due_ms in one.follow_ups_ms),
        )

    def _letters(self, of: bytes) -> tuple[v.StatementSummaryView, ...]:
        return tuple(
            v.StatementSummaryView(
                id=view.id,
                title=view.title,
                phase=view.phase,
                deadline_ms=view.deadline_ms,
                counted=view.tally.counted,
                signed_by_me=view.mine == v.EntryState.COUNTED,
                follow_ups_ms=tuple(sorted([one.due_ms for one in view.aftermath if one.due_ms >= 0])),
            )
            for view in self.statements.values()
            if view.campaign == of
        )

    def _campaign(self, of: bytes) -> v.CampaignView:
        if of not in self.campaigns:
            raise Unknown("no such campaign")
        return dataclasses.replace(self.campaigns[of], statements=self._letters(of), cases=self.lines(of))

    def _save(self, view: v.CampaignView) -> v.CampaignView:
        self.campaigns[view.id] = view
        return self._campaign(view.id)

    def on_show_campaign(self, command: c.ShowCampaign) -> Record:
        return self._campaign(command.campaign)

    def on_open_channel(self, command: c.OpenChannel) -> Record:
        view = self._campaign(command.campaign)
        made = v.ChannelView(id=self.next_id("channel", 16), name=command.name, messages=0, unread=0)
        self.messages[made.id] = []
        return self._save(dataclasses.replace(view, channels=(*view.channels, made)))

    def _member(self, of: bytes, author: bytes, **changes: Any) -> Record:
        view = self._campaign(of)
        members = tuple(
            dataclasses.replace(one, **changes) if one.author == author else one for one in view.members
        )
        return self._save(dataclasses.replace(view, members=members))

    def on_remove_member(self, command: c.RemoveMember) -> Record:
        return self._member(command.campaign, command.author, state=v.MemberState.REMOVED)

    def on_restore_member(self, command: c.RestoreMember) -> Record:
        return self._member(command.campaign, command.author, fork=v.ForkState.RESTORED)

    def on_set_role(self, command: c.SetRole) -> Record:
        return self._member(command.campaign, command.author, seat=command.seat, role=command.role)

    def on_set_rules(self, command: c.SetRules) -> Record:
        view = self._campaign(command.campaign)
        return self._save(
            dataclasses.replace(
                view, file_bytes_max=command.file_bytes_max, kept_bytes_max=command.kept_bytes_max
            )
        )

    def on_renew_keys(self, command: c.RenewKeys) -> Record:
        return self._campaign(command.campaign)

    def on_leave_campaign(self, command: c.LeaveCampaign) -> Record:
        view = self._campaign(command.campaign)
        return self._save(dataclasses.replace(view, state=v.MemberState.LEFT))

    def on_post_message(self, command: c.PostMessage) -> Record:
        self._campaign(command.campaign)
        if command.draft and self.drafts.pop(command.draft, None) is None:
            raise SentAlready("This was sent already: its draft is gone.")
        made = message(
            self.numbers,
            "Ana",
            command.text,
            at_ms=NOW_MS,
            reply_to=command.reply_to,
            held_by=1,
            author=identifier("author Ana"),
            attachments=tuple([self.uploads.pop(upload) for upload in command.attachments]),
        )
        self.numbers += 1
        self.messages[command.channel].append(made)
        self.push(v.NoticeKind.MESSAGES, campaign=command.campaign, subject=command.channel, by_me=True)
        return made

    def on_begin_upload(self, command: c.BeginUpload) -> Record:
        self._campaign(command.campaign)
        made = attachment(command.name, command.size, file=self.next_id("file"))
        upload = self.next_id("upload", 16)
        self.uploads[upload] = made
        self.handed[upload] = b""
        return v.UploadView(upload=upload, received=0, size=command.size)

    def on_append_upload(self, command: c.AppendUpload) -> Record:
        if command.upload not in self.uploads:
            raise Unknown("no such file")
        self.handed[command.upload] += command.data
        done = len(self.handed[command.upload])
        return v.UploadView(upload=command.upload, received=done, size=self.uploads[command.upload].size)

    def on_drop_upload(self, command: c.DropUpload) -> Record:
        if self.uploads.pop(command.upload, None) is None:
            raise Unknown("no such file")
        return v.Done()

    def on_list_attachments(self, command: c.ListAttachments) -> Record:
        self._campaign(command.campaign)
        return v.AttachmentsView(attachments=(), kept_bytes=0, kept_bytes_max=2**20)

    def _file(self, of: bytes, number: int, **changes: Any) -> v.MessageView:
        for listed in self.messages.values():
            for at, one in enumerate(listed):
                if one.id == of and number < len(one.attachments):
                    files = list(one.attachments)
                    files[number] = dataclasses.replace(files[number], **changes)
                    listed[at] = dataclasses.replace(one, attachments=tuple(files))
                    return listed[at]
        raise Unknown("no such attachment")

    def _commented(self, of: bytes, number: int, **changes: Any) -> v.StatementView | None:
        """The letter, where a comment or an entry of its log names the file."""
        for view in self.statements.values():
            log = with_file(view.aftermath, of, number, **changes)
            if log is not None:
                return self._statement(view.id, aftermath=log)
            for one in view.comments:
                if one.id == of and number < len(one.attachments):
                    files = list(one.attachments)
                    files[number] = dataclasses.replace(files[number], **changes)
                    made = dataclasses.replace(one, attachments=tuple(files))
                    comments = tuple([made if other is one else other for other in view.comments])
                    return self._statement(view.id, comments=comments)
        return None

    def _fetched(self, of: bytes, number: int, **changes: Any) -> Record:
        return (
            self._commented(of, number, **changes)
            or self.of_case(of, number, **changes)
            or self._file(of, number, **changes)
        )

    def on_fetch_attachment(self, command: c.FetchAttachment) -> Record:
        return self._fetched(command.message, command.number, state=v.AttachmentState.COMING, held=3)

    def on_stop_attachment(self, command: c.StopAttachment) -> Record:
        return self._fetched(command.message, command.number, state=v.AttachmentState.ABSENT)

    def on_read_attachment(self, command: c.ReadAttachment) -> Record:
        view = self._fetched(command.message, command.number)
        comments = view.comments if isinstance(view, v.StatementView) else ()
        log = view.aftermath if isinstance(view, v.StatementView) else ()
        entries = view.entries if isinstance(view, v.CaseView) else ()
        within: tuple[Any, ...] = (*comments, *log, *entries)
        named: Any = next((one for one in within if one.id == command.message), view)
        file = named.attachments[command.number]
        data = bytes(file.size)[command.offset :][:1000]
        return v.PartView(offset=command.offset, size=file.size, data=data)

    def receive(self, channel: bytes, made: v.MessageView) -> None:
        """Somebody else's message arrives."""
        self.messages[channel].append(made)
        self.push(v.NoticeKind.MESSAGES, campaign=CAMPAIGN, subject=channel)

    def on_list_messages(self, command: c.ListMessages) -> Record:
        view = self._campaign(command.campaign)
        listed = list(self.placed(command.channel))
        if command.thread:
            listed = [one for one in listed if command.thread in (one.id, one.thread)]
        if command.pinned:
            listed = [one for one in listed if one.pinned_by]
        places = {one.id: at for at, one in enumerate(listed)}
        unread = self.first_unread.get(command.channel, b"")
        start, end = 0, len(listed)
        if command.before:
            end = places[command.before]
        if command.after:
            start = places[command.after] + 1
            end = min(end, start + command.limit)
        elif command.around or (command.unread and unread):
            start = max(0, places[command.around or unread] - command.limit // 2)
            end = min(end, start + command.limit)
        else:
            start = max(0, end - command.limit)
        return v.MessagesView(
            campaign=command.campaign,
            channel=command.channel,
            messages=tuple(listed[start:end]),
            more=start > 0,
            later=end < len(listed),
            talk_days=7,
            gaps=view.gaps,
            as_of=self.shown_now(command.channel),
            first_unread=unread,
            unread=len(listed) - places[unread] if unread in places else 0,
        )

    def _change_message(self, identifier: bytes, **changes: Any) -> Record:
        for channel, listed in self.messages.items():
            for at, one in enumerate(listed):
                if one.id == identifier:
                    self.messages[channel][at] = dataclasses.replace(one, **changes)
                    return self.messages[channel][at]
        raise Unknown("There is no such message here.")

    def on_edit_message(self, command: c.EditMessage) -> Record:
        return self._change_message(command.message, text=command.text, edited_ms=NOW_MS)

    def on_take_back_message(self, command: c.TakeBackMessage) -> Record:
        return self._change_message(command.message, text="", state=v.MessageState.TAKEN_BACK)

    def on_react_to_message(self, command: c.ReactToMessage) -> Record:
        mine = v.ReactionView(emoji=command.emoji or "-", count=1, mine=True, names=("Ana",))
        return self._change_message(command.message, reactions=(mine,) if command.emoji else ())

    def on_pin_message(self, command: c.PinMessage) -> Record:
        return self._change_message(command.message, pinned_by="Ana" if command.pinned else "")

    def on_show_message(self, command: c.ShowMessage) -> Record:
        one = next(one for listed in self.messages.values() for one in listed if one.id == command.message)
        before = v.EditionView(at_ms=one.at_ms, text="as it was first")
        return v.MessageDetailView(message=one, editions=(before,) if one.edited_ms else ())

    def on_show_history(self, command: c.ShowHistory) -> Record:
        def item(what: v.Happening, days: int, **given: Any) -> v.HistoryItemView:
            fields = {"who": "Ben", "me": False, "whom": "", "title": "", "subject": b"", **given}
            return v.HistoryItemView(what=what, at_ms=NOW_MS - days * DAY_MS, **fields)

        return v.HistoryView(
            items=(
                item(v.Happening.FROZEN, 0, title="Free Evin", subject=LETTER),
                item(v.Happening.ADMITTED, 3, whom="Chi"),
                item(v.Happening.FOUNDED, 9, me=True, title="Evin"),
            ),
            more=False,
        )

    def on_show_today(self, command: c.ShowToday) -> Record:
        return v.TodayView(items=tuple(self.today))

    def on_search(self, command: c.Search) -> Record:
        found = [
            v.FoundView(
                kind=v.FoundKind.MESSAGE,
                campaign=CAMPAIGN,
                campaign_name="Free Dr. Haddad",
                channel=channel,
                place="general",
                message=one.id,
                about=b"",
                name=one.name,
                me=one.me,
                at_ms=one.at_ms,
                excerpt=one.text[:160],
                lit_from=one.text.lower().find(command.text.lower()),
                lit_to=one.text.lower().find(command.text.lower()) + len(command.text),
            )
            for channel, listed in self.messages.items()
            for one in reversed(listed)
            if command.text.lower() in one.text.lower()
        ]
        return v.FoundsView(found=tuple(found[: command.limit]), before=0, unindexed=0, operations=9)

    def on_mark_read(self, command: c.MarkRead) -> Record:
        view = self._campaign(command.campaign)
        channels = tuple(
            dataclasses.replace(one, unread=0) if one.id == command.channel else one for one in view.channels
        )
        self._save(dataclasses.replace(view, channels=channels))
        return v.Done()

    def _statement(self, of: bytes, **changes: Any) -> v.StatementView:
        if of not in self.statements:
            raise Unknown("no such statement")
        view = dataclasses.replace(self.statements[of], **changes)
        self.statements[of] = view
        if changes:
            self.push(v.NoticeKind.STATEMENT, campaign=view.campaign, subject=of, by_me=True)
        return view

    def _revision(self, command: c.DraftStatement | c.AmendStatement, base: bytes = b"") -> v.RevisionView:
        self.numbers += 1
        return revision(
            self.numbers,
            "Ana",
            command.language,
            title=command.title,
            paragraphs=tuple(command.text.split("\n\n")),
            at_ms=NOW_MS,
            base=base,
            attachments=tuple([self.uploads.pop(upload) for upload in command.attachments]),
            credit=command.credit,
        )

    def on_draft_statement(self, command: c.DraftStatement) -> Record:
        made = self._revision(command)
        view = draft(
            id=self.next_id("statement"),
            campaign=command.campaign,
            title=command.title,
            name="Ana",
            revisions=(made,),
            comments=(),
            languages=(command.language,),
            case=command.case,
        )
        self.statements[view.id] = view
        return view

    def on_amend_statement(self, command: c.AmendStatement) -> Record:
        view = self._statement(command.statement)
        earlier = tuple(
            dataclasses.replace(one, current=one.current and one.id != command.base) for one in view.revisions
        )
        made = self._revision(command, command.base)
        languages = tuple(dict.fromkeys([*view.languages, command.language]))
        return self._statement(view.id, revisions=(*earlier, made), languages=languages, title=command.title)

    def on_comment_statement(self, command: c.CommentStatement) -> Record:
        view = self._statement(command.statement)
        made = v.CommentView(
            id=self.next_id("comment"),
            revision=command.revision,
            language=next(one.language for one in view.revisions if one.id == command.revision),
            paragraph=command.paragraph,
            name="Ana",
            at_ms=NOW_MS,
            text=command.text,
            stance=command.stance,
            red_line=v.RedLine.NONE if command.stance is Stance.REMARK else v.RedLine.STANDS,
            mine=True,
            lifts=command.lifts,
        )
        return self._statement(view.id, comments=(*view.comments, made))

    def on_freeze_statement(self, command: c.FreezeStatement) -> Record:
        view = self._statement(command.statement)
        if command.replaces != view.digest:
            raise WrongPhase("the text is frozen already")
        frozen = tuple(dataclasses.replace(one, frozen=one.id in command.revisions) for one in view.revisions)
        return self._statement(
            view.id,
            phase=v.StatementPhase.OPEN,
            revisions=frozen,
            version=view.version + 1,
            digest=identifier("digest" if view.version == 0 else f"digest {view.version + 1}"),
            canonical_text="\n\n".join([part for one in frozen if one.frozen for part in one.paragraphs]),
            addressees=command.addressees,
            deadline_ms=command.deadline_ms,
            soft_deadline_ms=command.soft_deadline_ms or -1,
            grace_ms=command.grace_ms,
            earlier_version=view.version,
            earlier_text=view.canonical_text,
            topics=command.topics,
            countries=command.countries,
            asks=command.asks,
            actions=(v.Action.SIGN, v.Action.RELEASE, v.Action.COMMENT),
        )

    def on_sign_statement(self, command: c.SignStatement) -> Record:
        view = self._statement(command.statement)
        if view.phase != v.StatementPhase.OPEN or view.digest != command.digest:
            raise WrongPhase("this text is not open for signing")
        mine = entry(
            "Ana",
            capacity=command.capacity,
            name=command.name,
            title=command.title,
            affiliation=command.affiliation,
            country=command.country,
            seat=Seat.IN_COUNTRY,
            at_ms=NOW_MS,
            names=command.names,
            members=command.members,
            mode=command.mode,
            needs=command.needs,
        )
        return self._statement(
            view.id,
            tally=tally((*view.tally.entries, mine)),
            mine=v.EntryState.COUNTED,
            actions=(v.Action.WITHDRAW, v.Action.RELEASE, v.Action.COMMENT),
        )

    def on_request_signature(self, command: c.RequestSignature) -> Record:
        view = self._statement(command.statement)
        office = self.office(command.office)
        made = asked(
            id=self.next_id("request"),
            office_id=office.id,
            office=office.name,
            name="Ana",
            at_ms=NOW_MS,
            note=command.note,
            since_ms=NOW_MS,
        )
        return self._statement(view.id, requests=(*view.requests, made))

    def on_sign_sealed(self, command: c.SignSealed) -> Record:
        view = self._statement(command.statement)
        if view.seal is None or view.digest != command.digest:
            raise WrongPhase("this text is not signed sealed")
        gone = dataclasses.replace(view.seal, mine=v.SealedMine.LEAVING, floor=command.floor)
        return self._statement(view.id, seal=gone)

    def on_withdraw_sealed(self, command: c.WithdrawSealed) -> Record:
        view = self._statement(command.statement)
        if view.seal is None:
            raise WrongPhase("this text is not signed sealed")
        return self._statement(view.id, seal=dataclasses.replace(view.seal, mine=v.SealedMine.TAKING_BACK))

    def on_sign_counted(self, command: c.SignCounted) -> Record:
        view = self._statement(command.statement)
        if view.unnamed is None or view.digest != command.digest:
            raise WrongPhase("nobody is counted on this text")
        gone = dataclasses.replace(view.unnamed, mine=v.CountedMine.LEAVING)
        return self._statement(view.id, unnamed=gone)

    def on_withdraw_counted(self, command: c.WithdrawCounted) -> Record:
        view = self._statement(command.statement)
        if view.unnamed is None:
            raise WrongPhase("nobody is counted on this text")
        gone = dataclasses.replace(view.unnamed, mine=v.CountedMine.TAKING_BACK)
        return self._statement(view.id, unnamed=gone)

    def on_show_member_words(self, command: c.ShowMemberWords) -> Record:
        words = tuple([f"word{number}" for number in range(1, 13)])
        spelled = tuple([v.SpellingView(word_list=one, words=words) for one in WordList])
        name = next(
            one.name for one in self.campaigns[command.campaign].members if one.author == command.author
        )
        return v.MemberWordsView(
            campaign=command.campaign, author=command.author, name=name, words=spelled, verified=False
        )

    def on_confirm_member(self, command: c.ConfirmMember) -> Record:
        return self.on_show_member_words(c.ShowMemberWords(campaign=command.campaign, author=command.author))

    def on_list_profiles(self, command: c.ListProfiles) -> Record:
        return v.ProfilesView(profiles=tuple(self.profiles))

    def on_set_profile(self, command: c.SetProfile) -> Record:
        names = [field.name for field in dataclasses.fields(command)]
        made = v.ProfileView(**{name: getattr(command, name) for name in names})
        self.profiles = sorted(
            [*[one for one in self.profiles if one.label != made.label], made], key=lambda one: one.label
        )
        return v.ProfilesView(profiles=tuple(self.profiles))

    def on_remove_profile(self, command: c.RemoveProfile) -> Record:
        if command.label not in [one.label for one in self.profiles]:
            raise Unknown("There is no such profile.")
        self.profiles = [one for one in self.profiles if one.label != command.label]
        return v.ProfilesView(profiles=tuple(self.profiles))

    def on_decide_request(self, command: c.DecideRequest) -> Record:
        view = self._statement(command.statement)
        [request] = view.requests
        decided = v.DecisionView(
            step=request.step,
            name="Ana",
            at_ms=NOW_MS,
            verdict=command.verdict,
            text=command.text,
            deputy=False,
        )
        moved = dataclasses.replace(
            request, state=v.RequestState.TO_SIGN, decisions=(decided,), step="director", deputies=()
        )
        return self._statement(view.id, requests=(moved,))

    def on_withdraw_signature(self, command: c.WithdrawSignature) -> Record:
        view = self._statement(command.statement)
        entries = tuple(
            dataclasses.replace(one, state=v.EntryState.WITHDRAWN) if one.member == "Ana" else one
            for one in view.tally.entries
        )
        return self._statement(
            view.id,
            tally=tally(entries),
            mine=v.EntryState.WITHDRAWN,
            actions=(v.Action.SIGN, v.Action.RELEASE),
        )

    def on_release_statement(self, command: c.ReleaseStatement) -> Record:
        return self._statement(
            command.statement,
            phase=v.StatementPhase.RELEASED,
            released_ms=NOW_MS,
            released_by="Ana",
            actions=(v.Action.EXPORT, v.Action.WITHDRAW, v.Action.ENTER),
        )

    def on_publish_addendum(self, command: c.PublishAddendum) -> Record:
        view = self._statement(command.statement)
        assert view.late is not None
        entries = tuple(
            dataclasses.replace(one, state=v.EntryState.ADDED, addendum=1)
            if one.id in view.late.sign_ons
            else one
            for one in view.tally.entries
        )
        added = v.AddendumView(
            number=1, at_ms=NOW_MS, name="Ana", organisations=1, individuals=0, outside=2, withdrawals=1
        )
        return self._statement(
            view.id, tally=tally(entries), addenda=(added,), late=None, actions=(v.Action.EXPORT,)
        )

    def on_enter_aftermath(self, command: c.EnterAftermath) -> Record:
        made = delivery(
            id=self.next_id("entry"),
            entry=command.entry,
            name="Ana",
            mine=True,
            addressee=command.addressee,
            deliverer=command.deliverer or "Ana",
            means=command.means,
            text=command.text,
            about=command.about,
            due_ms=command.follow_up_ms or -1,
            receipt=command.receipt,
            attachments=tuple([self.uploads[one] for one in command.attachments]),
        )
        log = self.statements[command.statement].aftermath
        return self._statement(command.statement, aftermath=(*log, made))

    def on_list_statements(self, command: c.ListStatements) -> Record:
        return v.StatementsView(statements=self._letters(command.campaign))

    def holders(self, **changes: Any) -> v.HoldersView:
        def holder(name: str, proof: v.HeldProof, **more: Any) -> v.HolderView:
            return dataclasses.replace(
                v.HolderView(
                    author=identifier("author " + name),
                    name=name,
                    me=False,
                    proof=proof,
                    lacking=int(proof is v.HeldProof.NONE),
                    connected=False,
                    last_seen_ms=NOW_MS - HOUR_MS,
                    wrote_ms=NOW_MS - 2 * HOUR_MS,
                ),
                **more,
            )

        members = (
            holder("Ana", v.HeldProof.ME, me=True, connected=True),
            holder("Ben", v.HeldProof.AUTHOR, connected=True),
            holder("Chi", v.HeldProof.CITED),
            holder("Dov", v.HeldProof.NONE, last_seen_ms=NOW_MS - 2 * DAY_MS, wrote_ms=NOW_MS - 2 * DAY_MS),
            holder("Eli", v.HeldProof.NONE, last_seen_ms=-1, wrote_ms=-1),
        )
        base = v.HoldersView(
            campaign=CAMPAIGN,
            operation=identifier("message 1"),
            author=identifier("author Ben"),
            name="Ben",
            operations=1,
            held_by=3,
            held_of=5,
            newcomers=1,
            members=members,
        )
        return dataclasses.replace(base, **changes)

    def on_show_holders(self, command: c.ShowHolders) -> Record:
        return self.holders(operation=command.operation)

    def on_show_letter_holders(self, _command: c.ShowLetterHolders) -> Record:
        return self.holders(operation=LETTER, operations=4, newcomers=0)

    @classmethod
    def with_replies(cls) -> FakeDaemon:
        """Two replies from outside that are clear, and one whose name is like another's."""
        daemon = cls.with_campaign()
        made = [_reply("The Forum"), _reply("The Union"), _reply("The Unlon", double=True)]
        daemon.replies = {one.id: one for one in made}
        return daemon

    def on_import_replies(self, command: c.ImportReplies) -> Record:
        """What begins with a zero byte is refused; the same twice is known."""
        found = []
        for sealed in command.replies:
            outcome = v.Imported.KNOWN if sealed in self.imported else v.Imported.NEW
            if sealed.startswith(b"\0"):
                outcome = v.Imported.REFUSED
            self.imported.add(sealed)
            code = "bad-seal" if outcome is v.Imported.REFUSED else ""
            found.append(v.ImportedOneView(outcome=outcome, code=code, id=identifier(sealed.hex()[:32])))
        return v.ImportedView(outcomes=tuple(found))

    @classmethod
    def with_paper(cls) -> FakeDaemon:
        """A letter that takes signatures on paper; a sheet of mine and one of Ben's, a name on both."""
        daemon = cls.with_campaign()
        daemon.statements[LETTER] = opened(paper=True)
        daemon.sheets[MINE, 1] = sheet(
            1,
            line(1, "Zainab Karimi", title="Teacher"),
            line(2, "Omid Sabeti", doubles=("sheet 4, line 7",)),
            witness="The Centre",
            note="At the gate, on Saturday",
        )
        daemon.sheets[BENS, 4] = sheet(
            4,
            line(7, "omid sabeti", doubles=("sheet 1, line 2",)),
            line(8, "Asked To Go", state=v.EntryState.WITHDRAWN),
            key=BENS,
            name="Ben",
            mine=False,
            same_scan=True,
        )
        return daemon

    def on_list_replies(self, command: c.ListReplies) -> Record:
        found = [one for one in self.replies.values() if one.state is command.state]
        return v.RepliesView(replies=tuple(found), more=False)

    def on_decide_replies(self, command: c.DecideReplies) -> Record:
        states = {
            c.Decision.ASK: c.ReplyState.ASKED,
            c.Decision.REFUSE: c.ReplyState.REFUSED,
            c.Decision.WAIT: c.ReplyState.WAITING,
        }
        for one in command.replies:
            if command.decision is c.Decision.ACCEPT:
                del self.replies[one]
            else:
                self.replies[one] = dataclasses.replace(
                    self.replies[one], state=states[command.decision], note=command.note
                )
        return v.DecidedView(done=len(command.replies), gone=0)

    def on_show_statement(self, command: c.ShowStatement) -> Record:
        return self._statement(command.statement)

    def on_export_statement(self, command: c.ExportStatement) -> Record:
        if self._statement(command.statement).phase != v.StatementPhase.RELEASED:
            raise WrongPhase("it is not released")
        return v.FilesView(files=self.files)

    def on_preview_statement(self, command: c.PreviewStatement) -> Record:
        if self._statement(command.statement).phase == v.StatementPhase.DRAFT:
            raise WrongPhase("it is a draft")
        return v.FilesView(files=self.previewed)

    def on_list_relays(self, _command: c.ListRelays) -> Record:
        return v.RelaysView(relays=self.relays, cover_minutes=self.cover_minutes)

    def on_check_relay(self, _command: c.CheckRelay) -> Record:
        return v.RelaysView(relays=self.relays)

    def on_add_relay(self, command: c.AddRelay) -> Record:
        relay = decode_relay(command.text)
        made = v.RelayView(
            address=relay.address,
            named_by="Ana",
            mine=True,
            closing=False,
            state=v.RelayState.UNTRIED,
            last_error="",
            answered_ms=-1,
            taken_ms=-1,
            waiting=0,
            fault=v.RelayFault.NONE,
            fault_ms=-1,
            keeps_back=0,
            through_tor=False,
            kept_days=0,
        )
        self.relays = (*self.relays, made)
        return v.RelaysView(relays=self.relays)

    def on_remove_relay(self, command: c.RemoveRelay) -> Record:
        self.relays = tuple(
            [
                dataclasses.replace(one, closing=one.closing or one.address == command.address)
                for one in self.relays
            ]
        )
        return v.RelaysView(relays=self.relays)

    def on_list_peers(self, _command: c.ListPeers) -> Record:
        return v.PeersView(peers=self.peers)

    def on_show_data(self, _command: c.ShowData) -> Record:
        return self.data

    def on_set_saving(self, command: c.SetSaving) -> Record:
        level = v.SavingLevel.SAVING if command.saving else v.SavingLevel.FULL
        self.data = dataclasses.replace(
            self.data,
            level=level,
            saving=command.saving,
            day_bytes_max=command.day_bytes_max,
            month_bytes_max=command.month_bytes_max,
        )
        return self.data

    def on_list_reach(self, command: c.ListReach) -> Record:
        kind = "author" if command.campaign else "person"
        return v.ReachesView(reaches=tuple([reach_view(name, kind) for name in ("Ben", "Chi", "Dov")]))

    def on_show_ways(self, command: c.ShowWays) -> Record:
        return v.WaysView(
            campaign=command.campaign,
            only_tor=False,
            nearby=True,
            advised_only_tor=True,
            exposed=("Dov",),
        )

    def on_set_ways(self, command: c.SetWays) -> Record:
        return v.WaysView(campaign=command.campaign, only_tor=command.only_tor, nearby=command.nearby)

    def on_show_person_ways(self, command: c.ShowPersonWays) -> v.PersonWaysView:
        return v.PersonWaysView(
            campaign=command.campaign,
            who=command.who,
            name="Chi",
            only_tor=False,
            nearby=True,
            only_tor_by=(),
            apart_by=(v.Reason.CAMPAIGN,),
            campaigns=("Maryam comes home",),
        )

    def on_set_person_ways(self, command: c.SetPersonWays) -> Record:
        shown = self.on_show_person_ways(c.ShowPersonWays(campaign=command.campaign, who=command.who))
        return dataclasses.replace(shown, only_tor=command.only_tor, nearby=command.nearby)

    def on_start_nearby(self, command: c.StartNearby) -> Record:
        self.nearby = dataclasses.replace(
            self.nearby, until_ms=NOW_MS + command.minutes * 60_000, listening=True
        )
        return self.nearby

    def on_stop_nearby(self, _command: c.StopNearby) -> Record:
        self.nearby = NEARBY_OFF
        return self.nearby

    def on_show_nearby(self, _command: c.ShowNearby) -> Record:
        return self.nearby

    def on_set_steady(self, command: c.SetSteady) -> Record:
        self.steady = dataclasses.replace(
            STEADY_OFF,
            every_s=command.every_s,
            links=3 if command.every_s else 0,
            day_bytes=day_bytes(command.every_s, 3),
        )
        return self.steady

    def on_show_steady(self, _command: c.ShowSteady) -> Record:
        return self.steady

    def on_begin_bundle(self, command: c.BeginBundle) -> Record:
        self.parts = 1 if command.paper or not command.campaigns else 2
        self.paper = command.paper
        answers = tuple([self.introductions[one].name for one in command.answers])
        if not command.campaigns:
            return v.BundleView(bundle=bytes(16), shipments=(), had=0, done=0, total=1, answers=answers)
        shipment = v.ShipmentView(
            campaign=command.campaigns[0].campaign, name="Evin", operations=30, items=0, files=2,
            readers=("Ben",), doubtful=("Chi",),
        )  # fmt: skip
        return v.BundleView(bundle=bytes(16), shipments=(shipment,), had=0, done=0, total=32, answers=answers)

    def on_next_part(self, _command: c.NextPart) -> Record:
        self.parts -= 1
        left = self.parts >= 0
        return v.BundlePartView(
            data=bytes(SLIP_CLASSES_BYTES[0] if self.paper else BUNDLE_PART_BYTES) if left else b"",
            name=f"abcdefghijklmno{self.parts + 3}",
            more=left,
            done=32 - 10 * max(self.parts, 0), total=32,
        )  # fmt: skip

    def on_end_bundle(self, _command: c.EndBundle) -> Record:
        return v.Done()

    def on_begin_reading(self, _command: c.BeginReading) -> Record:
        return self._reading()

    def on_look_at_part(self, _command: c.LookAtPart) -> Record:
        return self._reading()

    def on_take_part(self, _command: c.TakePart) -> Record:
        return self._reading()

    def on_end_reading(self, _command: c.EndReading) -> Record:
        return v.Done()

    @staticmethod
    def _reading() -> v.ReadingView:
        news = v.BundleNewsView(
            campaign=CAMPAIGN,
            name="Maryam comes home",
            made_ms=NOW_MS - HOUR_MS,
            first_ms=NOW_MS - 50 * HOUR_MS,
            last_ms=NOW_MS - 2 * HOUR_MS,
            operations=30,
            new_operations=12,
            new_items=1,
            new_files=2,
            closed=1,
        )
        return v.ReadingView(
            reading=bytes(16), parts=3, strange=2, opened=True, place=1, news=(news,), busy=False, taken=12,
            waiting=0, refused=(v.RefusedView(code="bad-signature", count=1),),
        )  # fmt: skip

    def on_get_counters(self, _command: c.GetCounters) -> Record:
        return v.CountersView(counters=self.counters)


class FakeClient:
    """One connection to a `FakeDaemon`."""

    def __init__(self, daemon: FakeDaemon) -> None:
        self._daemon = daemon
        self._news: asyncio.Queue[v.Notice | None] = asyncio.Queue()
        self._ended = False

    async def send(self, command: Command) -> Record:
        await asyncio.sleep(0)
        if self._daemon.hold is not None:
            await self._daemon.hold.wait()
        if self._ended:
            raise DaemonUnreachable("the daemon ended the connection")
        return self._daemon.answer(command)

    async def notices(self) -> AsyncIterator[v.Notice]:
        while (notice := await self._news.get()) is not None:
            yield notice

    def push(self, notice: v.Notice) -> None:
        self._news.put_nowait(notice)

    def end(self) -> None:
        self._ended = True
        self._news.put_nowait(None)

    async def close(self) -> None:
        if not self._ended:
            self.end()
        if self in self._daemon.clients:
            self._daemon.clients.remove(self)


def held_back() -> FakeDaemon:
    """The campaign, with Chi held back."""
    daemon = FakeDaemon.with_campaign()
    view = daemon.campaigns[CAMPAIGN]
    members = [
        dataclasses.replace(one, fork=v.ForkState.HALTED if one.name == "Chi" else one.fork)
        for one in view.members
    ]
    daemon.campaigns[CAMPAIGN] = dataclasses.replace(view, members=tuple(members))
    return daemon
