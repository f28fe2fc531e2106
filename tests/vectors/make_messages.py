"""Makes `messages.json`: one of each message that peers say inside a link, and its bytes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.crypto.agreement import AgreementKey, XWingSealer
from meshcoal.crypto.signing import SigningKey
from meshcoal.wire.beats import Beat
from meshcoal.wire.bodies import Card
from meshcoal.wire.frames import (
    MESSAGES,
    Ask,
    Chunk,
    Decided,
    Frontier,
    Greeting,
    Held,
    Hello,
    Hold,
    Holding,
    Introduction,
    Kept,
    Lack,
    LackChunks,
    Lacking,
    Message,
    Noted,
    Offer,
    PackedRun,
    Parted,
    Ping,
    Pong,
    Remembered,
    Run,
    Sample,
    Seek,
    Spare,
    Standing,
    Taken,
    ToldPeer,
    Want,
    WantChunks,
    Whereabouts,
)
from meshcoal.wire.loose import LooseItems, LooseNames, LooseWant
from meshcoal.wire.record import to_json
from meshcoal.wire.terms import Seat

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("messages.json")


def card(name: str, sealer: XWingSealer) -> Card:
    """A persona whose keys follow from its name."""
    return Card(
        author=SigningKey.from_seed(fixed(f"{name} author", 32)).public,
        act=SigningKey.from_seed(fixed(f"{name} act", 32)).public,
        link=AgreementKey(fixed(f"{name} link", 32)).public,
        seal=sealer.public_of(fixed(f"{name} seal", 32)),
        name=name,
        hints=("192.0.2.7:7600",),
    )


def said() -> tuple[Message, ...]:
    ben = card("Ben", XWingSealer())
    held = (
        Held(author=fixed("Ana author id", 32), seq=0, mark=fixed("mark 1", 16)),
        Held(author=ben.author, seq=70_000, mark=fixed("mark 2", 16)),
    )
    campaign, pair = fixed("campaign", 32), fixed("pair", 32)
    return (
        Ping(),
        Pong(),
        Frontier(whole=True, held=held),
        Frontier(whole=False, held=held[1:]),
        Run(operations=(fixed("operation 1", 40), fixed("operation 2", 50))),
        PackedRun(packed=fixed("packed run", 60)),
        Taken(runs=300),
        Want(held=()),
        Offer(
            name="Ana",
            hints=("192.0.2.7:7600", "[2001:db8::7]:7600"),
            campaign=campaign,
            campaign_name="Free Dr. Haddad",
            seat=Seat.EXILE,
            pair=pair,
        ),
        Offer(name="آنا", hints=(), campaign=b"", campaign_name="", seat=Seat.OBSERVER, pair=pair),
        Ask(name="Ben", hints=(), card=None, pair=pair, prekey=b""),
        Ask(name="Ben", hints=("192.0.2.8:7600",), card=ben, pair=pair, prekey=fixed("prekey", 1216)),
        Decided(
            admitted=True,
            campaign=campaign,
            peers=(ToldPeer(link=AgreementKey(fixed("Ana link", 32)).public, hints=("192.0.2.7:7600",)),),
            author=ben.author,
        ),
        Decided(admitted=False, campaign=campaign, peers=(), author=ben.author),
        Noted(author=b""),
        Noted(author=ben.author),
        Parted(),
        Standing(began_s=1_800_000_000, root=fixed("root", 8), label_us=125_000, chosen=True),
        Lack(
            logs=(
                Lacking(author=fixed("Ana author id", 32), first=0),
                Lacking(author=ben.author, first=70_001),
            )
        ),
        Hello(links=9, drawn=True),
        Sample(peers=(fixed("Ana author id", 32), ben.author), answer=False),
        Spare(peers=(ben.author,)),
        Seek(files=(fixed("file 1", 32), fixed("file 2", 32))),
        Hold(holdings=(Holding(file=fixed("file 1", 32), held=3, of=643),)),
        WantChunks(chunks=(fixed("chunk 1", 32), fixed("chunk 2", 32))),
        Chunk(sealed=fixed("sealed chunk", 64)),
        LackChunks(chunks=(fixed("chunk 2", 32),)),
        Beat(items=(fixed("item 1", 40),), filler=bytes(300)),
        LooseNames(names=(fixed("item 1 name", 32), fixed("item 2 name", 32))),
        LooseWant(names=(fixed("item 2 name", 32),)),
        LooseItems(items=(fixed("item 2", 50),)),
        Introduction(
            reference=fixed("reference", 16),
            person=AgreementKey(fixed("Dov link", 32)).public,
            name="Dov",
            hints=("192.0.2.9:7600",),
            secret=fixed("introduction secret", 32),
            note="The lawyer of the family",
            expires_ms=1_801_209_780_000,
        ),
        Remembered(reference=fixed("reference", 16)),
        Greeting(name="Dov", hints=(), pair=pair),
        Whereabouts(hints=("192.0.2.9:7600",)),
        Kept(),
    )


def build() -> dict[str, Any]:
    return {
        "about": "What peers say inside a link. docs/protocol/session.md, 'Messages'. Bytes in hex. The "
        "operations of the run are bytes that a decoder of messages does not look into.",
        "messages": [
            {
                "message": type(one).__name__,
                "number": MESSAGES.number(type(one)),
                "fields": to_json(one),
                "encoded": MESSAGES.encode(one).hex(),
            }
            for one in said()
        ],
    }


if __name__ == "__main__":
    run(FILE, build)
