"""Attacks on what lies on a disk or passes through hands: invitations, vaults, stores, the local socket."""

from __future__ import annotations

import functools
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from meshcoal.api.commands import AcceptInvitation, AnswerInvitation, GetStatus, MakeInvitation
from meshcoal.api.framing import check_greeting, decode_answer, decode_request, encode_answer, encode_request
from meshcoal.api.views import CarriedRequestView, Done, IntroductionView, InvitationView, ReadingView
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.limits import ARGON2_MEMORY_MIN_KIB, ARGON2_PASSES_MIN
from meshcoal.store.store import STORE_NAME, Store
from meshcoal.store.vault import VAULT_NAME, Vault
from meshcoal.sync.knock import Pattern
from meshcoal.sync.session import Session
from meshcoal.wire import canonical
from meshcoal.wire.invitation import Invitation, decode_invitation, encode_invitation
from meshcoal.wire.terms import Seat

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "sync"))
sys.path.insert(0, str(Path(__file__).parents[1] / "node"))

from bundlework import look, take
from nodework import world_of
from refusalwork import Apart, Harmless, Refused, Row
from sessionwork import BEN, CODE, MALLORY, NOW_MS, door, knock, tools

MEETING: Final = "Meeting"
DISK: Final = "On the disk and on the machine"
PHRASE: Final = "seven herons over the reservoir"
INVITATION: Final = Invitation(
    code=CODE, person=BEN.public, hints=("192.0.2.7:7600",), expires_ms=NOW_MS + 86_400_000
)


# --- Invitations


def come_with(code: bytes, *, doors: int = 1, at: object = BEN) -> Callable[[], object]:
    """Somebody knocks with an invitation."""

    def attack() -> object:
        _, frame = knock(Pattern.INVITATION, code=code)
        open_doors = [door(Pattern.INVITATION, static=at)] * doors  # type: ignore[arg-type]
        return Session.answer(frame, doors=open_doors, tools=tools(), now_ms=NOW_MS)

    return attack


def accepted_twice() -> None:
    """By one person: they go on with what they began."""
    world = world_of("ana")
    machine = world.machines["ana"]
    invitation = Invitation(
        code=CODE, person=MALLORY.public, hints=(), expires_ms=world.clock_ms(machine) // 1000 * 1000 + 60_000
    )
    command = AcceptInvitation(text=encode_invitation(invitation))
    first, second = [world.command("ana", command, IntroductionView) for _ in range(2)]
    assert first == second


def come_when_it_has_served() -> object:
    accepted_twice()
    return come_with(CODE, doors=0)()


# --- Requests that are carried


class Carried:
    """Ana's invitation, with a request by Ben and one by Mallory to it."""

    def __init__(self) -> None:
        self.world = world_of("ana", "ben", "mallory")
        self.world.partition({"ana"}, {"ben"}, {"mallory"})
        invite = MakeInvitation(campaign=b"", seat=Seat.OBSERVER, lifetime_ms=86_400_000, by_file=True)
        text = self.world.command("ana", invite, InvitationView).text
        answer = AnswerInvitation(text=text)
        self.ben, self.mallory = (
            self.world.command(name, answer, CarriedRequestView).data for name in ("ben", "mallory")
        )

    def seen(self, part: bytes, *, by: str = "ana") -> ReadingView:
        return look(self.world, by, [part])


def carried_when_it_has_served() -> str:
    scene = Carried()
    take(scene.world, "ana", [scene.ben])
    return scene.seen(scene.mallory).refused[0].code


def carried_cut() -> str:
    """To a size that parts have; of any other it is no part."""
    scene = Carried()
    return scene.seen(scene.ben[:4_096]).refused[0].code


def carried_changed() -> str:
    scene = Carried()
    return scene.seen(scene.ben[:-1] + bytes([scene.ben[-1] ^ 1])).refused[0].code


def carried_to_another() -> None:
    scene = Carried()
    view = scene.seen(scene.ben, by="mallory")
    assert (view.strange, view.requests) == (1, ())


# --- Homes


@functools.cache
def files_of(seed: bytes) -> dict[str, bytes]:
    """A fresh home's vault and store."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        Vault.create(
            home, PHRASE, SeededEntropy(seed), memory_kib=ARGON2_MEMORY_MIN_KIB, passes=ARGON2_PASSES_MIN
        ).close()
        return {name: (home / name).read_bytes() for name in (VAULT_NAME, STORE_NAME)}


@contextmanager
def home_of(vault: bytes, store: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        (home / VAULT_NAME).write_bytes(vault)
        (home / STORE_NAME).write_bytes(store)
        yield home


def opened(change: Callable[[dict[str, bytes]], None], *, phrase: str = PHRASE) -> Callable[[], object]:
    """Open a home after this was done to its files."""

    def attack() -> object:
        files = dict(files_of(b"mine"))
        change(files)
        with home_of(files[VAULT_NAME], files[STORE_NAME]) as home, Vault.open(home, phrase) as key:
            Store.open(home, key.read()).close()
        return None

    return attack


def cut(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.update({name: files[name][: len(files[name]) // 2]})


def another(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.update({name: files_of(b"another")[name]})


def pages_exchanged(files: dict[str, bytes]) -> None:
    store = files[STORE_NAME]
    files[STORE_NAME] = store[4096:8192] + store[:4096] + store[8192:]


# --- The local socket


def greeting_of_another_version() -> object:
    return check_greeting(canonical.encode((0, "meshcoal", 999, "9.9")))


def rows() -> tuple[Row, ...]:
    nothing = Apart(why="Nothing reads it but people: they compare the words, and type no key.")
    text = encode_invitation(INVITATION)
    page_tag = "Each page has a tag under the data key: cut, moved and foreign pages look alike."
    return (
        Row(
            name="Invitation",
            part=MEETING,
            page="invitation.md",
            cells=(
                Refused(
                    how="By somebody else, when it has served (by the same person: they go on)",
                    code="knock-unknown",
                    attack=come_when_it_has_served,
                    why="Its door is gone, and who knocks where there is no door is a stranger.",
                ),
                Apart(why="It is one whole."),
                Refused(
                    how="Cut by a character",
                    code="malformed-invitation",
                    attack=lambda: decode_invitation(text[:-1]),
                ),
                Apart(why="It names no campaign: the inviter keeps where it leads."),
                Refused(
                    how="At another inviter's door",
                    code="knock-unknown",
                    attack=come_with(CODE, at=MALLORY),
                    why="The answerer's key is in the tag. Whoever holds the text may come: compare words.",
                ),
            ),
        ),
        Row(
            name="Request by file",
            part=MEETING,
            page="joining.md",
            cells=(
                Refused(
                    how="By somebody else, when it has served (by the same person: it is known)",
                    code="invitation-served",
                    attack=carried_when_it_has_served,
                ),
                Refused(
                    how="Changed by a bit behind its head",
                    code="bad-seal",
                    attack=carried_changed,
                    why="One tag is over all of it, whatever was done to it.",
                ),
                Refused(
                    how="Cut to another size of parts",
                    code="bad-seal",
                    attack=carried_cut,
                    why="The same tag.",
                ),
                Apart(why="It names no campaign: the inviter keeps where it leads."),
                Harmless(how="To another inviter: like any part for others", attack=carried_to_another),
            ),
        ),
        Row(
            name="Public key and words",
            part=MEETING,
            page="handshake.md",
            cells=(nothing, nothing, nothing, nothing, nothing),
        ),
        Row(
            name="Vault file",
            part=DISK,
            page="vault-file.md",
            cells=(
                Apart(
                    why="An older copy opens with the passphrase of its day, and nothing tells its age: see "
                    "[what this does not give](vault-file.md#what-this-does-not-give)."
                ),
                Apart(why="It is one whole."),
                Refused(
                    how="Cut off",
                    code="corrupt",
                    attack=opened(cut(VAULT_NAME)),
                    why="The sentence says which file, and what to put back.",
                ),
                Refused(
                    how="Of another home, beside this home's store",
                    code="corrupt",
                    attack=opened(another(VAULT_NAME)),
                    why="The data key opens no page of the store, as if the store were damaged.",
                ),
                Refused(
                    how="By somebody with another passphrase",
                    code="wrong-passphrase",
                    attack=opened(lambda _: None, phrase="nine quiet bicycles in the rain"),
                ),
            ),
        ),
        Row(
            name="Store",
            part=DISK,
            page="../internals/store.md",
            cells=(
                Apart(
                    why="An older copy opens. A node that goes on from it writes anew at places of its log "
                    "that others hold: they count `equivocation`. Never go on from a copy older than the "
                    "last use."
                ),
                Refused(
                    how="Two pages exchanged", code="corrupt", attack=opened(pages_exchanged), why=page_tag
                ),
                Refused(how="Cut off", code="corrupt", attack=opened(cut(STORE_NAME)), why=page_tag),
                Refused(
                    how="Of another home, beside this home's vault",
                    code="corrupt",
                    attack=opened(another(STORE_NAME)),
                    why=page_tag,
                ),
                Apart(why="A store belongs to a home, not to a person."),
            ),
        ),
        Row(
            name="Command on the local socket",
            part=DISK,
            page="../reference/api.md",
            cells=(
                Apart(why="Who reaches the socket is the user: a second request is a second wish."),
                Apart(why="The same."),
                Refused(
                    how="Cut by a byte",
                    code="malformed-command",
                    attack=lambda: decode_request(encode_request(1, GetStatus())[:-1]),
                ),
                Apart(why="It names its campaign itself."),
                Apart(why="The socket is open to its owner alone."),
            ),
        ),
        Row(
            name="Answer on the local socket",
            part=DISK,
            page="../reference/api.md",
            cells=(
                Apart(why="It carries the number of its request; the daemon is the user's own."),
                Apart(why="The same: answers may overtake each other."),
                Refused(
                    how="Cut by a byte",
                    code="malformed-command",
                    attack=lambda: decode_answer(encode_answer(1, Done())[:-1]),
                ),
                Apart(why="It answers one request."),
                Refused(
                    how="From a daemon of another version",
                    code="version-mismatch",
                    attack=greeting_of_another_version,
                ),
            ),
        ),
    )
