"""Attacks on what members say of attachments: repeated, unasked, in the wrong place, by nobody's leave."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from hostile_links import CONTACTS, NO_ORDER, core_of_ana, inside, link_of_a_contact, said_between_contacts
from refusalwork import Harmless, Refused, Row

from meshcoal.node.step import Step
from meshcoal.sync.exchange import Exchange
from meshcoal.wire.frames import Chunk, Hold, Holding, LackChunks, Message, Seek, WantChunks

NOW_MS = 1_800_000_000_000
NAME = b"n" * 32
NOT_HERE = "A link on which this is not said, either way."


def said(message: Message, times: int = 1, *, by_a_member: bool = True) -> Callable[[], object]:
    """Said in a campaign: no file is there or wanted afterwards that was not before."""

    def attack() -> object:
        core = core_of_ana()
        campaign = next(iter(core.campaigns.values()))
        exchange = Exchange(campaign.id, core.reader)
        link = link_of_a_contact()
        link.campaign, link.exchange = campaign.id, exchange
        link.author = campaign.me if by_a_member else None
        before = (dict(campaign.files.records), dict(campaign.files.held))
        for _ in range(times):
            core.members.hear(Step(NOW_MS), link, exchange, campaign, message)
        assert (campaign.files.records, campaign.files.held) == before
        assert not campaign.files.fetching.wanted
        return None

    return attack


def row(message: Message, replay: Harmless | Refused, other: Harmless | Refused) -> Row:
    elsewhere = Refused(how=CONTACTS, code="wrong-link", attack=said_between_contacts(message), why=NOT_HERE)
    return inside(message, replay, NO_ORDER, elsewhere, other)


def nobody(message: Message) -> Refused:
    return Refused(
        how="By somebody not known as a member",
        code="wrong-link",
        attack=said(message, by_a_member=False),
        why=NOT_HERE,
    )


def files() -> tuple[Row, ...]:
    seek, want = Seek(files=(NAME,)), WantChunks(chunks=(NAME,))
    hold = Hold(holdings=(Holding(file=NAME, held=2, of=2),))
    chunk, lack = Chunk(sealed=bytes(100)), LackChunks(chunks=(NAME,))
    passed_over = "By somebody not known as a member: passed over"
    return (
        row(
            seek,
            Harmless(how="Said twice: answered twice", attack=said(seek, 2)),
            Harmless(how=passed_over, attack=said(seek, by_a_member=False)),
        ),
        row(
            hold,
            Harmless(how="Said twice, of a file nobody asked for", attack=said(hold, 2)),
            Harmless(how=passed_over, attack=said(hold, by_a_member=False)),
        ),
        row(want, Harmless(how="Twice, for what is not here", attack=said(want, 2)), nobody(want)),
        row(
            chunk,
            Refused(how="Unasked, or asked for and sent twice", code="chunk-unasked", attack=said(chunk)),
            nobody(chunk),
        ),
        row(
            lack,
            Refused(how="Unasked, or said twice", code="chunk-unasked", attack=said(lack)),
            nobody(lack),
        ),
    )
