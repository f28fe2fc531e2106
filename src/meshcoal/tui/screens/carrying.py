"""Carrying a campaign on a stick: writing what others lack, and reading what somebody brought.

Law: who can open it is said before anything is written; what is in it is said before anything is taken in.
Files are read and written in threads, one part at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Generic

from meshcoal.api.commands import BeginBundle, BundleFor, Command, EndBundle, ListCampaigns
from meshcoal.api.views import (
    Answered,
    AnswerNewsView,
    BundleNewsView,
    BundleView,
    CampaignSummaryView,
    CampaignsView,
    CampaignView,
    Done,
    MemberState,
    ReadingView,
    RequestNewsView,
    ShipmentView,
)
from meshcoal.client.carrying import (
    Looked,
    Pause,
    Said,
    Stick,
    T,
    is_harm,
    leads_on,
    leaving,
    looking,
    nothing_in,
    taking,
    writing,
)
from meshcoal.errors import MeshcoalError
from meshcoal.limits import BUNDLE_PART_BYTES, MIB
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.base import MeshScreen, Ready, sentence_of
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.screens.shipment_fields import (
    days_field,
    members_field,
    members_of,
    sealed_field,
    since_days,
)
from meshcoal.tui.session import Session
from meshcoal.tui.widgets.bars import BusyLine
from meshcoal.tui.widgets.plain import Styled, lines, name, say, styled
from meshcoal.wire.record import Record


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
                sealed_field(),
                days_field(),
                members_field(others),
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
        also = [BundleFor(campaign=bytes.fromhex(one)) for one in values.get("also", "").split("\n") if one]
        command = BeginBundle(
            campaigns=(BundleFor(campaign=self._campaign, members=members_of(values)), *also),
            since_ms=since_days(values["days"], self._now_ms),
            everything=values["what"] == "everything",
            files=values["files"] == "with",
            begun=values["sealed"] == "with",
        )
        stick = await asyncio.to_thread(Stick.at, values["place"])
        tell = partial(self._tell, _("Writing"))
        return await drive(self._session, writing(stick, command, lambda _view: None, tell))


def _about(shipment: ShipmentView) -> Styled:
    """What goes onto a stick, and who can open it."""
    told = _(
        "On the stick are files of 1 MiB that look random. Nothing says by what program, for whom or "
        "what. Cut off, writing to the same place goes on."
    )
    return _told(shipment, told)


def about_paper(shipment: ShipmentView) -> Styled:
    """What goes onto paper, and who can open it."""
    told = _("On paper go no files. Open the page in a browser, print it, then erase the file.")
    return _told(shipment, told)


def _told(shipment: ShipmentView, sentence: str) -> Styled:
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
    drawn.append(sentence)
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
        self._place = Path()

    def look_again(self) -> Said[Looked]:
        """The same place once more."""
        return looking(self._place, lambda done, total: None)

    async def _look(self, values: Values) -> Looked:
        self._place = Path(values["place"])
        tell = partial(self._tell, _("Looking"))
        looked = await drive(self._session, looking(self._place, tell))
        if not looked.order:
            await drive(self._session, leaving(looked))
            raise nothing_in(looked)
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
    drawn: list[str | Styled] = [_request(one) for one in view.requests]
    drawn += [_answer(one) for one in view.answers]
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


def _request(one: RequestNewsView) -> str:
    who = {"name": name(one.name, 40), "campaign": name(one.campaign_name, 40)}
    if not one.new:
        return _("A request that was taken in before: see New people.")
    if one.campaign_name:
        return _("%(name)s, as they say, used your invitation and asks to be let into %(campaign)s.") % who
    return _("%(name)s, as they say, used your invitation and becomes a contact.") % who


def _answer(one: AnswerNewsView) -> str:
    who = {"name": name(one.name, 40), "campaign": name(one.campaign_name, 40)}
    sentence = {
        Answered.ADMITTED: _("%(name)s let you into %(campaign)s."),
        Answered.REFUSED: _("%(name)s refused your request."),
        Answered.CONTACT: _("%(name)s answers your request: you become contacts."),
    }[one.verdict] % who
    return sentence if one.new else sentence + " " + _("It is known here already.")


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
            _("  the oldest: %(first)s, the newest: %(last)s, as their authors say")
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
    told = [
        _("  refused: %(count)d (%(code)s)") % {"count": one.count, "code": one.code} for one in view.refused
    ]
    if any(is_harm(one.code) for one in view.refused):
        told.append(
            _(
                "!! WARNING: something in it is forged or broken. Nothing of that gets in; what is sound "
                "does. A member, or a former one, wrote it, or a device that is broken: ask whoever gave it "
                "to you."
            )
        )
    return told


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
    form = ReadForm(screen.mesh.session)

    def looked(found: Looked | None) -> None:
        if found is not None:
            _take(screen, found, form.look_again)

    screen.app.push_screen(form, looked)


def look_at(screen: MeshScreen[None], look: Callable[[], Said[Looked]]) -> None:
    """Show what parts that were found hold, and take it in."""
    session = screen.mesh.session

    async def again() -> None:
        try:
            found = await drive(session, look())
            if not found.order:
                await drive(session, leaving(found))
                raise nothing_in(found)
        except MeshcoalError as exc:
            sentence = sentence_of(exc)
            screen.post_message(Ready(lambda: say(screen.app, sentence, severity="warning")))
        else:
            screen.post_message(Ready(lambda: _take(screen, found, look)))

    screen.run_worker(again(), group="ask")


def _take(screen: MeshScreen[None], found: Looked, look: Callable[[], Said[Looked]]) -> None:
    session = screen.mesh.session

    def taken(view: ReadingView | None) -> None:
        if view is None:  # whoever goes away from it has nothing more taken in
            screen.run_worker(drive(session, leaving(found)), group="ask")
            return
        told = ngettext("%(count)d new operation.", "%(count)d new operations.", view.taken)
        text = [_("Taken in: %(news)s") % {"news": told % {"count": view.taken}}]
        met = [one.new for one in found.view.requests] + [one.new for one in found.view.answers]
        if any(met):
            text.append(_("Compare words: n on the first screen."))
        say(screen.app, "\n".join([*text, *_refused(view)]))
        if leads_on(found):  # what lies behind the answer can be read now
            screen.run_worker(_go_on(screen, look), group="ask")

    screen.app.push_screen(TakeForm(session, found, screen.mesh.now_ms()), taken)


async def _go_on(screen: MeshScreen[None], look: Callable[[], Said[Looked]]) -> None:
    """Look at the same place again, where an answer has opened more of it."""
    try:
        found = await drive(screen.mesh.session, look())
        if not found.view.news:
            await drive(screen.mesh.session, leaving(found))
            return
    except MeshcoalError as exc:
        sentence = sentence_of(exc)
        screen.post_message(Ready(lambda: say(screen.app, sentence, severity="warning")))
        return
    screen.post_message(Ready(lambda: _take(screen, found, look)))


def _ignore(_view: Done) -> None:
    """What was begun only to be looked at is given up."""
