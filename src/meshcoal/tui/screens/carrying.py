"""Carrying a campaign on a stick: writing what others lack, and reading what somebody brought.

Law: who can open it is said before anything is written; what is in it is said before anything is taken in.
Files are read and written in threads, one part at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Generic

from meshcoal.api.commands import BeginBundle, BundleFor, Command, EndBundle, ListCampaigns
from meshcoal.api.views import (
    BundleNewsView,
    BundleView,
    CampaignSummaryView,
    CampaignsView,
    CampaignView,
    Done,
    MemberState,
    ReadingView,
    ShipmentView,
)
from meshcoal.client.carrying import Looked, Pause, Said, Stick, T, leaving, looking, taking, writing
from meshcoal.clock import DAY_MS
from meshcoal.errors import BadArgument, Unknown
from meshcoal.limits import BUNDLE_PART_BYTES, MIB
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.base import MeshScreen, Ready
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.session import Session
from meshcoal.tui.widgets.bars import BusyLine
from meshcoal.tui.widgets.plain import Styled, lines, name, say, styled
from meshcoal.wire.record import Record

_DAYS_MAX: Final = 9_999


@dataclass(frozen=True, slots=True)
class _Ended(Generic[T]):
    """What a conversation with the daemon came to."""

    value: T


async def drive(session: Session, said: Said[T]) -> T:
    """Send what is to be sent, and hand back the answers; what touches files runs in a thread."""
    answer: Record | None = None
    while True:
        asked = await asyncio.to_thread(_next, said, answer)
        if isinstance(asked, _Ended):
            return asked.value
        if isinstance(asked, Pause):
            await asyncio.sleep(asked.wait_ms / 1_000)
            answer = None
        else:
            answer = await session.send(asked, Record)


def _next(said: Said[T], answer: Record | None) -> Command | Pause | _Ended[T]:
    try:
        return said.send(answer)
    except StopIteration as end:
        return _Ended(end.value)


class _Moving(Form[T]):
    """A form whose work takes a while, and shows how far it is."""

    def _tell(self, what: str, done: int, total: int) -> None:
        self.post_message(Ready(lambda: self._progress(what, done, total)))

    def _progress(self, what: str, done: int, total: int) -> None:
        for busy in self.query(BusyLine):
            busy.progress(what, done, max(total, 1))


class WriteForm(_Moving[int]):
    """Where a bundle is to be written, and what goes into it."""

    def __init__(
        self,
        session: Session,
        campaign: CampaignView,
        seen: BundleView,
        elsewhere: Sequence[CampaignSummaryView],
        now_ms: int,
    ) -> None:
        """`elsewhere`: other campaigns that can go along."""
        (shipment,) = seen.shipments
        also = Field(
            name="also",
            label=_("Also, for all there"),
            kind="checks",
            choices=tuple([(one.id.hex(), name(one.name, 40)) for one in elsewhere]),
        )
        others = [one for one in campaign.members if not one.me and one.state is MemberState.ACTIVE]
        super().__init__(
            _("Write a stick"),
            (
                Field(
                    name="place",
                    label=_("Folder or file"),
                    placeholder="/media/stick",
                    required=True,
                ),
                Field(
                    name="what",
                    label=_("What"),
                    kind="choice",
                    value="lacking",
                    choices=(
                        ("lacking", _("what the others are not known to have")),
                        ("everything", _("everything")),
                    ),
                ),
                Field(
                    name="files",
                    label=_("Attachments"),
                    kind="choice",
                    value="with",
                    choices=(("with", _("with files")), ("without", _("without files"))),
                ),
                Field(
                    name="sealed",
                    label=_("What I sealed"),
                    kind="choice",
                    value="",
                    choices=(
                        ("", _("leave out what nobody has yet")),
                        ("with", _("take along: readers may guess it is me")),
                    ),
                ),
                Field(name="days", label=_("Only the last days"), placeholder=_("all")),
                Field(
                    name="members",
                    label=_("Only for"),
                    kind="checks",
                    choices=tuple([(one.author.hex(), name(one.name, 40)) for one in others]),
                ),
                *([also] if elsewhere else []),
            ),
            self._write,
            submit=_("Write"),
            explain=_about(shipment),
        )
        self._session = session
        self._campaign = campaign.id
        self._now_ms = now_ms

    async def _write(self, values: Values) -> int:
        members = tuple([bytes.fromhex(one) for one in values["members"].split("\n") if one])
        also = [BundleFor(campaign=bytes.fromhex(one)) for one in values.get("also", "").split("\n") if one]
        command = BeginBundle(
            campaigns=(BundleFor(campaign=self._campaign, members=members), *also),
            since_ms=self._since(values["days"]),
            everything=values["what"] == "everything",
            files=values["files"] == "with",
            begun=values["sealed"] == "with",
        )
        stick = await asyncio.to_thread(Stick.at, values["place"])
        tell = partial(self._tell, _("Writing"))
        return await drive(self._session, writing(stick, command, lambda _view: None, tell))

    def _since(self, days: str) -> int:
        """Unix milliseconds; 0 where nothing is written. Raises `BadArgument`."""
        if not days:
            return 0
        if not (days.isascii() and days.isdigit() and 1 <= int(days) <= _DAYS_MAX):
            raise BadArgument(_("write a number of days, such as 3, or nothing for all"))
        return max(1, self._now_ms - int(days) * DAY_MS)


def _about(shipment: ShipmentView) -> Styled:
    """What goes in, and who can open it."""
    readers = ", ".join([name(one, 30) for one in shipment.readers]) or _("nobody else")
    drawn: list[str | Styled] = [
        _("Can be opened by: %(names)s.") % {"names": readers},
        _("At most %(operations)d operations and %(files)d files are not known to be with all of them.")
        % {"operations": shipment.operations, "files": shipment.files},
    ]
    if shipment.doubtful:
        doubtful = ", ".join([name(one, 30) for one in shipment.doubtful])
        drawn.append(
            _("! May not be able to open it: %(names)s. Write one only for them.") % {"names": doubtful}
        )
    drawn.append(
        _(
            "On the stick are files of 1 MiB that look random. Nothing says by what program, for whom or "
            "what. Cut off, writing to the same place goes on."
        )
    )
    return lines(drawn)


class ReadForm(_Moving[Looked]):
    """Where a bundle lies. It is looked through, and nothing is taken in."""

    def __init__(self, session: Session) -> None:
        super().__init__(
            _("Read a stick"),
            (Field(name="place", label=_("Folder or file"), placeholder="/media/stick", required=True),),
            self._look,
            submit=_("Look"),
            explain=_("First you see what is on it. Nothing is taken in before you say so."),
        )
        self._session = session

    async def _look(self, values: Values) -> Looked:
        tell = partial(self._tell, _("Looking"))
        looked = await drive(self._session, looking(Path(values["place"]), tell))
        if not looked.order:
            await drive(self._session, leaving(looked))
            raise Unknown(_("nothing there is for any campaign of yours, or it is damaged"))
        return looked


class TakeForm(_Moving[ReadingView]):
    """What is on a stick; taken in when the person says so."""

    def __init__(self, session: Session, looked: Looked, now_ms: int) -> None:
        super().__init__(
            _("Take this in?"), (), self._take, submit=_("Take in"), explain=_news(looked.view, now_ms)
        )
        self._session = session
        self._looked = looked

    async def _take(self, values: Values) -> ReadingView:
        return await drive(self._session, taking(self._looked, partial(self._tell, _("Taking in"))))


def _news(view: ReadingView, now_ms: int) -> Styled:
    """What parts hold, in words."""
    drawn: list[str | Styled] = []
    for one in view.news:
        drawn += _campaign_news(one, now_ms)
    if view.strange:
        told = ngettext(
            "%(count)d part is for nobody here, damaged, or there to fill it up.",
            "%(count)d parts are for nobody here, damaged, or there to fill it up.",
            view.strange,
        )
        drawn.append(styled((told % {"count": view.strange}, "dim")))
    return lines([*drawn, *_refused(view)])


def _campaign_news(one: BundleNewsView, now_ms: int) -> list[str | Styled]:
    drawn: list[str | Styled] = [
        styled((name(one.name, 50), "bold")),
        _("  %(new)d new of %(all)d operations, %(items)d new sealed items, %(files)d files with news")
        % {
            "new": one.new_operations,
            "all": one.operations,
            "items": one.new_items,
            "files": one.new_files,
        },
    ]
    if one.first_ms:
        drawn.append(
            _("  from %(first)s to %(last)s, as their authors say")
            % {
                "first": shown.since(one.first_ms, now_ms=now_ms),
                "last": shown.since(one.last_ms, now_ms=now_ms),
            }
        )
    if one.closed:
        told = ngettext(
            "  %(count)d part that no key of yours opens", "  %(count)d parts that no key of yours opens",
            one.closed,
        )  # fmt: skip
        drawn.append(told % {"count": one.closed})
    return drawn


def _refused(view: ReadingView) -> list[str]:
    return [
        _("  refused: %(count)d (%(code)s)") % {"count": one.count, "code": one.code} for one in view.refused
    ]


# --- From the campaign's screen


def write_stick(screen: MeshScreen[None], campaign: CampaignView) -> None:
    """Ask who could open a bundle, then where it is to go."""
    session, now_ms = screen.mesh.session, screen.mesh.now_ms()
    elsewhere: list[CampaignSummaryView] = []

    def written(parts: int | None) -> None:
        if parts:
            size = parts * BUNDLE_PART_BYTES // MIB
            say(screen.app, _("Written: %(size)d MiB.") % {"size": size})
        elif parts is not None:
            say(screen.app, _("Nothing was written: nothing is lacking, or all of it is there already."))

    def ask(seen: BundleView) -> None:
        screen.ask(EndBundle(bundle=seen.bundle), Done, _ignore)
        screen.app.push_screen(WriteForm(session, campaign, seen, elsewhere, now_ms), written)

    def listed(view: CampaignsView) -> None:
        here = [one for one in view.campaigns if one.id != campaign.id]
        elsewhere.extend([one for one in here if one.name and one.state is MemberState.ACTIVE])
        screen.ask(BeginBundle(campaigns=(BundleFor(campaign=campaign.id),)), BundleView, ask)

    screen.ask(ListCampaigns(), CampaignsView, listed)


def read_stick(screen: MeshScreen[None]) -> None:
    """Ask where a bundle lies, show what is in it, and take it in."""
    session = screen.mesh.session

    def looked(found: Looked | None) -> None:
        if found is not None:
            form = TakeForm(session, found, screen.mesh.now_ms())
            screen.app.push_screen(form, partial(taken, found))

    def taken(found: Looked, view: ReadingView | None) -> None:
        if view is None:  # whoever goes away from it has nothing more taken in
            screen.run_worker(drive(session, leaving(found)), group="ask")
            return
        told = ngettext("%(count)d new operation.", "%(count)d new operations.", view.taken)
        text = _("Taken in: %(news)s") % {"news": told % {"count": view.taken}}
        say(screen.app, "\n".join([text, *_refused(view)]))

    screen.app.push_screen(ReadForm(session), looked)


def _ignore(_view: Done) -> None:
    """What was begun only to be looked at is given up."""
