"""Whether six nodes hold the same: operations, people, messages, letters, count, and the files that go out.

Law: what is compared is what each node shows its own user, asked of each node itself. A difference names the
nodes that stand against the rest, and on what.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from meshcoal.api.commands import ExportStatement, ListMessages, ShowCampaign, ShowStatement
from meshcoal.api.views import CampaignView, FilesView, MessagesView, StatementPhase, StatementView
from meshcoal.limits import API_PAGE_MAX
from meshcoal.rehearsal.player import Player


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """What one node holds of a campaign, subject by subject."""

    name: str
    subjects: dict[str, object]
    files: tuple[tuple[str, bytes], ...]


async def portraits(players: Sequence[Player], campaign: bytes, letter: bytes) -> tuple[Portrait, ...]:
    """Ask every node. Raises `RehearsalFailed` where one does not answer, or has no such letter."""
    return tuple(await asyncio.gather(*[_portrait(player, campaign, letter) for player in players]))


def differences(drawn: Sequence[Portrait]) -> tuple[str, ...]:
    """One sentence for each subject on which not all agree."""
    found: list[str] = []
    for subject in drawn[0].subjects:
        said = {one.name: repr(one.subjects[subject]) for one in drawn}
        (most, count), *_ = Counter(said.values()).most_common()
        if count == len(said):
            continue
        if count * 2 > len(said):
            others = [name for name, value in said.items() if value != most]
            found.append(f"{_nodes(others)} with the others on {subject}.")
        else:
            found.append(f"No majority of the nodes agrees on {subject}.")
    return tuple(found)


async def _portrait(player: Player, campaign: bytes, letter: bytes) -> Portrait:
    view = await player.ask(ShowCampaign(campaign=campaign), CampaignView)
    statement = await player.ask(ShowStatement(campaign=campaign, statement=letter), StatementView)
    files: tuple[tuple[str, bytes], ...] = ()
    if statement.phase is StatementPhase.RELEASED:
        exported = await player.ask(ExportStatement(campaign=campaign, statement=letter), FilesView)
        files = tuple([(file.name, file.data) for file in exported.files])
    messages = {channel.name: await _messages(player, campaign, channel.id) for channel in view.channels}
    subjects: dict[str, object] = {
        "the operations (heads digest)": view.heads_digest,
        "how many operations there are": view.operations,
        "what cannot be read or is missing": (view.unopened, [gap.missing for gap in view.gaps]),
        "the members": sorted(
            (one.author, one.given_name, one.seat, one.role, one.state) for one in view.members
        ),
        "the channels": sorted(channel.name for channel in view.channels),
        "the messages": messages,
        "the letter's phase": statement.phase,
        "the letter's texts": [
            (one.id, one.language, one.current, one.frozen) for one in statement.revisions
        ],
        "the comments": [(one.id, one.text) for one in statement.comments],
        "the frozen text": (statement.digest, statement.canonical_text),
        "the tally (digest)": statement.tally.digest,
        "the list of signatories": [(one.author, one.name, one.state) for one in statement.tally.entries],
        "the released files": files,
    }
    return Portrait(name=player.name, subjects=subjects, files=files)


async def _messages(player: Player, campaign: bytes, channel: bytes) -> list[tuple[bytes, bytes, str]]:
    found: list[tuple[bytes, bytes, str]] = []
    before = b""
    while True:
        page = await player.ask(
            ListMessages(campaign=campaign, channel=channel, before=before, limit=API_PAGE_MAX), MessagesView
        )
        found[:0] = [(one.id, one.author, one.text) for one in page.messages]
        if not page.more:
            return found
        before = page.messages[0].id


def _nodes(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"{names[0]}'s node disagrees"
    return f"The nodes of {', '.join(names[:-1])} and {names[-1]} disagree"
