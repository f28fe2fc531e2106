"""Paper: pages of codes to print, and reading them back from pictures.

Law: who can open it is said before pages are made; pictures are read in any order, and what is missing is
told by page; nothing is taken in before the person has seen what it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from textual.app import ComposeResult

from meshcoal.api.commands import BeginBundle, BundleFor, EndBundle, ListCampaigns
from meshcoal.api.views import BundleView, CampaignsView, CampaignView, Done, FileView, MemberState
from meshcoal.client.carrying import looking_at
from meshcoal.client.sheets import as_found, slips_written, texts_in_files
from meshcoal.errors import BadArgument
from meshcoal.export.slips import sheet
from meshcoal.tui.actions import bindings
from meshcoal.tui.files import write_files
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.carrying import about_paper, drive, look_at, read_stick
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.screens.info import InfoScreen
from meshcoal.tui.screens.shipment_fields import (
    days_field,
    members_field,
    members_of,
    sealed_field,
    since_days,
)
from meshcoal.tui.widgets.plain import PlainStatic, Styled, lines, name, say, styled
from meshcoal.wire.slips import Lacking, label_of, pages_of, slips_in

_PAGES_NAMED_MAX: Final = 8
_TEXTS_MAX: Final = 4_000


class SlipsScreen(MeshScreen[None]):
    """What was read so far, and what can be done."""

    PLACE = "slips"
    BINDINGS = bindings("slips")
    AUTO_FOCUS = ""

    def __init__(self, campaign: CampaignView | None = None) -> None:
        """`campaign`: from which pages are made; else the person is asked."""
        super().__init__()
        self._campaign = campaign
        self._texts: dict[str, None] = {}
        self._whole: tuple[bytes, ...] = ()
        self._lacking: tuple[Lacking, ...] = ()

    def body(self) -> ComposeResult:
        yield PlainStatic("", id="slips-read")
        yield PlainStatic(
            _(
                "On paper are square codes and numbers: no name, no campaign, no word of this program. Four "
                "codes in five are enough, in any order. Take a picture of each page, straight from above, "
                "in good light. What was read stays here until you leave this screen."
            ),
            classes="note gap-above",
        )

    def on_mount(self) -> None:
        self.head(_("Paper and sticks"))
        self._show()

    async def load(self) -> Callable[[], None]:
        return self._show

    def _show(self) -> None:
        self.query_one("#slips-read", PlainStatic).show(_progress(self._whole, self._lacking))

    # --- Reading

    def action_photos(self) -> None:
        form: Form[tuple[str, ...]] = Form(
            _("Read pictures"),
            (
                Field(
                    name="files",
                    label=_("Pictures"),
                    kind="text",
                    placeholder=_("one a line: ~/photo-1.jpg, or a folder of pictures"),
                    required=True,
                ),
            ),
            self._read,
            submit=_("Read"),
            explain=_(
                "Pictures of pages, several at once: PNG, JPEG or WebP. Or a text with one code a line, as a "
                "telephone's camera tells them."
            ),
        )
        self.app.push_screen(form, self._was_read)

    async def _read(self, values: Values) -> tuple[str, ...]:
        places = [Path(line.strip()) for line in values["files"].splitlines() if line.strip()]
        return await asyncio.to_thread(texts_in_files, places)

    def _was_read(self, texts: tuple[str, ...] | None) -> None:
        if texts is None:
            return
        before = len(self._texts)
        self._texts.update(dict.fromkeys(texts))
        while len(self._texts) > _TEXTS_MAX:
            del self._texts[next(iter(self._texts))]
        self._whole, self._lacking = slips_in(self._texts)
        self._show()
        news = len(self._texts) - before
        if not news:
            say(self.app, _("No code was found that was not read before."), severity="warning")
        if self._whole and not self._lacking:
            self.action_take()

    def action_take(self) -> None:
        if not self._whole:
            say(self.app, _("No page is whole yet: read pictures first (r)."), severity="warning")
            return
        parts = as_found(self._whole)
        look_at(self, lambda: looking_at(parts, lambda done, total: None))

    def action_stick(self) -> None:
        read_stick(self)

    def action_anew(self) -> None:
        self._texts, self._whole, self._lacking = {}, (), ()
        self._show()

    # --- Writing

    def action_write(self) -> None:
        if self._campaign is not None:
            self._preview(self._campaign.id)
            return
        self.ask(ListCampaigns(), CampaignsView, self._listed)

    def _listed(self, view: CampaignsView) -> None:
        active = [one for one in view.campaigns if one.name and one.state is MemberState.ACTIVE]
        if not active:
            say(self.app, _("You are in no campaign of which pages could be made."), severity="warning")
        elif len(active) == 1:
            self._preview(active[0].id)
        else:
            choices = tuple([(one.id.hex(), name(one.name, 40)) for one in active])
            self.app.push_screen(_which(choices), self._chosen)

    def _chosen(self, campaign: bytes | None) -> None:
        if campaign is not None:
            self._preview(campaign)

    def _preview(self, campaign: bytes) -> None:
        """Say who could open it, before it is asked what goes in."""
        command = BeginBundle(campaigns=(BundleFor(campaign=campaign),), files=False, paper=True)
        self.ask(command, BundleView, self._ask_what)

    def _ask_what(self, seen: BundleView) -> None:
        self.ask(EndBundle(bundle=seen.bundle), Done, lambda _done: None)
        (shipment,) = seen.shipments
        members = self._campaign.members if self._campaign is not None else ()
        others = [one for one in members if not one.me and one.state is MemberState.ACTIVE]
        form: Form[tuple[Path, int]] = Form(
            _("Make pages"),
            (
                Field(name="folder", label=_("Folder"), value="~", required=True),
                sealed_field(),
                *([members_field(others)] if others else []),
                days_field(),
            ),
            partial(self._write, shipment.campaign),
            submit=_("Make"),
            explain=about_paper(shipment),
        )
        self.app.push_screen(form, self._written)

    async def _write(self, campaign: bytes, values: Values) -> tuple[Path, int]:
        command = BeginBundle(
            campaigns=(BundleFor(campaign=campaign, members=members_of(values)),),
            since_ms=since_days(values["days"], self.mesh.now_ms()),
            files=False,
            begun=values["sealed"] == "with",
            paper=True,
        )
        return await pages_written(self, command, values["folder"])

    def _written(self, made: tuple[Path, int] | None) -> None:
        if made is not None:
            show_pages(self, *made)


def _which(choices: tuple[tuple[str, str], ...]) -> Form[bytes]:
    async def chosen(values: Values) -> bytes:
        return bytes.fromhex(values["campaign"])

    field = Field(name="campaign", label=_("Campaign"), kind="choice", choices=choices, value=choices[0][0])
    return Form(_("Of which campaign?"), (field,), chosen, submit=_("Go on"))


async def pages_written(screen: MeshScreen[None], command: BeginBundle, folder: str) -> tuple[Path, int]:
    """Make pages, in a folder. Returns where, and how many sides. Raises as the daemon, and the disk."""
    doubtful: list[str] = []

    def shown(view: BundleView) -> None:
        doubtful.extend([one for shipment in view.shipments for one in shipment.doubtful])

    slips = await drive(screen.mesh.session, slips_written(command, shown))
    made = await pages_of_slips(slips, folder)
    if doubtful:
        names = ", ".join([name(one, 30) for one in doubtful])
        say(
            screen.app,
            _("! May not be able to open it: %(names)s. Write one only for them.") % {"names": names},
            severity="warning",
        )
    return made


async def pages_of_slips(slips: tuple[bytes, ...], folder: str) -> tuple[Path, int]:
    """A file of pages for slips that are there. Raises as `write_files`."""
    if not folder:
        raise BadArgument(_("say in which folder"))
    file = FileView(name=f"{label_of(slips[0]).lower()}.html", data=await asyncio.to_thread(sheet, slips))
    (path,) = await asyncio.to_thread(write_files, (file,), folder)
    return path, sum([pages_of(len(slip)) for slip in slips])


def show_pages(screen: MeshScreen[None], path: Path, pages: int) -> None:
    """Where the pages are, and what to do with them."""
    told = ngettext("%(count)d page", "%(count)d pages", pages) % {"count": pages}
    text = _("Open it in a browser and print it. Then erase the file.")
    screen.app.push_screen(InfoScreen(_("Pages were made"), lines([f"{path}", told, "", text])))


def _progress(whole: tuple[bytes, ...], lacking: tuple[Lacking, ...]) -> Styled:
    """How far the pictures that were read go."""
    if not whole and not lacking:
        return lines(
            [
                styled((_("Nothing read yet."), "bold")),
                _("r reads pictures of pages; s reads a stick; w makes pages to print."),
            ]
        )
    drawn: list[str | Styled] = [
        styled((label_of(slip), "bold"), "  ", _("✓ whole: press t to look at it and take it in"))
        for slip in whole
    ]
    for one in lacking:
        pages = ", ".join([str(page) for page in one.pages[:_PAGES_NAMED_MAX]])
        told = _("%(held)d of %(needed)d codes read. Photograph again: page %(pages)s.") % {
            "held": one.held,
            "needed": one.needed,
            "pages": pages,
        }
        drawn.append(styled((one.label, "bold"), "  ", told))
    return lines(drawn)
