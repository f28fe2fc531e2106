"""How I sign: profiles on this device, each with its logo.

Law: a profile leaves the device inside a signature that is made with it, and in no other way. What a logo is,
its size and its digest, is said before it is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import ComposeResult

from meshcoal.api.commands import Capacity, ListProfiles, RemoveProfile, SetProfile
from meshcoal.api.views import ProfilesView, ProfileView
from meshcoal.client.entering import parse_names
from meshcoal.errors import BadArgument
from meshcoal.limits import LOGO_BYTES_MAX
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.screens.sign_forms import CAPACITY_CHOICES
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, lines, name, say, styled
from meshcoal.wire.logo import check_logo, clean_logo, logo_digest

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp

_LOGO_FILE_BYTES_MAX: Final = 16 * LOGO_BYTES_MAX  # as `SetProfile` takes it
_KEEP: Final = "keep"
_NONE: Final = "none"


class ProfilesScreen(MeshScreen[None]):
    """One row per profile."""

    PLACE = "profiles"
    BINDINGS = bindings("profiles")

    def __init__(self) -> None:
        super().__init__()
        self.view = ProfilesView(profiles=())

    def body(self) -> ComposeResult:
        yield PlainStatic(
            _("What you enter here is filled in when you sign. Until then it stays on this device."),
            classes="note",
        )
        yield PlainOptions(id="profiles")

    def on_mount(self) -> None:
        self.head(_("How I sign"))

    async def load(self) -> Callable[[], None]:
        view = await self.mesh.session.send(ListProfiles(), ProfilesView)
        return lambda: self.show(view)

    def show(self, view: ProfilesView) -> None:
        """Draw the list."""
        self.view = view
        rows = [Row(one.label, profile_lines(one)) for one in view.profiles]
        if not rows:
            rows.append(Row("", styled((_("None yet: press n to enter one."), "dim")), live=False))
        self.query_one("#profiles", PlainOptions).fill(rows)

    def _chosen(self) -> ProfileView | None:
        chosen = self.query_one("#profiles", PlainOptions).chosen
        return next((one for one in self.view.profiles if one.label == chosen), None)

    def action_new(self) -> None:
        self.app.push_screen(profile_form(None), self._look)

    @on(PlainOptions.OptionSelected)
    def action_open(self) -> None:
        """Change the chosen one."""
        chosen = self._chosen()
        if chosen is not None:
            self.app.push_screen(profile_form(chosen), self._look)

    def _look(self, entered: Entered | None) -> None:
        if entered is not None:
            self.app.push_screen(look_form(self.mesh, entered), self._changed)

    def action_remove(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return

        async def remove(_values: Values) -> ProfilesView:
            return await self.mesh.session.send(RemoveProfile(label=chosen.label), ProfilesView)

        form: Form[ProfilesView] = Form(
            _("Take “%(label)s” off this device") % {"label": name(chosen.label, 40)},
            (),
            remove,
            submit=_("Take it off"),
            danger=True,
            explain=_("What was signed with it stays signed."),
        )
        self.app.push_screen(form, self._changed)

    def _changed(self, view: ProfilesView | None) -> None:
        if view is not None:
            self.show(view)
            say(self.app, _("Done: your profiles are as shown."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A profile as it was entered, to be looked at before it is kept."""

    command: SetProfile
    before: str  # its label until now; empty: it is new
    taken_out_bytes: int = 0  # what stood beside the picture in the file of a logo


def profile_form(profile: ProfileView | None) -> Form[Entered]:
    """Enter a profile or change one. The file of a logo is read and judged here."""

    async def enter(values: Values) -> Entered:
        if values["label"] in {one.value for one in Capacity}:
            raise BadArgument(_("that word says as what somebody signs: choose another name for it"))
        capacity = Capacity(values["capacity"])
        if (capacity is Capacity.AFFILIATED) != bool(values["affiliation"]):
            raise BadArgument(_("an affiliation goes with, and only with, “affiliation does not endorse”"))
        counted = values["members"]
        if (capacity is Capacity.NETWORK) != bool(counted) or not (counted or "1").isdecimal():
            raise BadArgument(_("a network, and nobody else, says how many members it has"))
        kept = profile.logo if profile is not None and values.get("logo") == _KEEP else b""
        chosen = await asyncio.to_thread(read_logo, values["file"]) if values["file"] else b""
        logo = clean_logo(chosen) if chosen else kept
        command = SetProfile(
            label=values["label"],
            capacity=capacity,
            name=values["name"],
            names=parse_names([part.strip() for part in values["names"].split(";") if part.strip()]),
            title=values["title"],
            affiliation=values["affiliation"],
            country=values["country"],
            members=int(counted) if counted else 0,
            role=values["role"],
            logo=logo,
        )
        beside = len(chosen) - len(logo) if chosen else 0
        return Entered(command=command, before=profile.label if profile else "", taken_out_bytes=beside)

    logo_fields = []
    if profile is not None and profile.logo:
        logo_fields.append(
            Field(
                name="logo",
                label=_("Logo"),
                kind="choice",
                choices=(
                    (_KEEP, _("as it is: %(logo)s") % {"logo": logo_in_words(profile.logo)}),
                    (_NONE, _("no logo")),
                ),
                value=_KEEP,
            )
        )

    def of(field: str) -> str:
        return "" if profile is None else str(getattr(profile, field))

    names = "" if profile is None else "; ".join([f"{one.language}={one.name}" for one in profile.names])
    return Form(
        _("How I sign"),
        (
            Field(name="label", label=_("For me it is called"), value=of("label"), required=True),
            Field(
                name="capacity",
                label=_("I sign as"),
                kind="choice",
                choices=CAPACITY_CHOICES,
                value=of("capacity") or Capacity.ORGANISATION.value,
            ),
            Field(name="name", label=_("Name on the letter"), value=of("name"), required=True),
            Field(name="names", label=_("In other scripts"), value=names, placeholder=_("fa=...; my=...")),
            Field(name="title", label=_("Title or office"), value=of("title")),
            Field(name="affiliation", label=_("Affiliation"), value=of("affiliation")),
            Field(name="country", label=_("Country"), value=of("country")),
            Field(
                name="members",
                label=_("Of a network: members"),
                value=str(profile.members) if profile is not None and profile.members else "",
            ),
            Field(name="role", label=_("The role, if by role"), value=of("role")),
            *logo_fields,
            Field(
                name="file",
                label=_("Logo from a file"),
                placeholder=_("none; PNG, at most 512 by 512, 16 KiB"),
            ),
        ),
        enter,
        submit=_("Look at it"),
    )


def look_form(app: MeshcoalApp, entered: Entered) -> Form[ProfilesView]:
    """What will be kept, in words, before it is."""
    command = entered.command

    async def keep(_values: Values) -> ProfilesView:
        view = await app.session.send(command, ProfilesView)
        if entered.before and entered.before != command.label:
            view = await app.session.send(RemoveProfile(label=entered.before), ProfilesView)
        return view

    view = ProfileView(**{field.name: getattr(command, field.name) for field in fields(ProfileView)})
    told: list[str | Styled] = [profile_lines(view)]
    if command.logo:
        told.append(
            _("The logo's digest, which is what you sign: %(digest)s")
            % {"digest": shown.short_digest(logo_digest(command.logo))}
        )
    if entered.taken_out_bytes:
        told.append(
            _("%(size)s that programs had written beside the picture are taken out.")
            % {"size": shown.size(entered.taken_out_bytes)}
        )
    return Form(_("Keep this on my device?"), (), keep, submit=_("Keep"), explain=lines(told))


def read_logo(path: str) -> bytes:
    """A picture's file as it is. Raises `BadArgument` where it cannot be read, or is far too large."""
    try:
        with Path(path).expanduser().open("rb") as file:
            data = file.read(_LOGO_FILE_BYTES_MAX + 1)
    except (OSError, RuntimeError) as exc:  # the second: a home that nobody has
        reason = getattr(exc, "strerror", None) or _("no such place")
        raise BadArgument(_("The file cannot be read: %(reason)s.") % {"reason": reason.lower()}) from None
    if len(data) > _LOGO_FILE_BYTES_MAX:
        most = shown.size(_LOGO_FILE_BYTES_MAX)
        raise BadArgument(_("That file is larger than %(most)s: no logo.") % {"most": most})
    if not data:
        raise BadArgument(_("That file is empty."))
    return data


def logo_in_words(logo: bytes) -> str:
    """Its width and height, and how large it is."""
    width, height = check_logo(logo)
    return _("%(width)d by %(height)d pixels, %(size)s") % {
        "width": width,
        "height": height,
        "size": shown.size(len(logo)),
    }


def profile_lines(view: ProfileView) -> Styled:
    """A profile, a few lines."""
    names = [f"{one.language}: {name(one.name, 40)}" for one in view.names]
    details = [name(one, 40) for one in (view.title, view.affiliation, view.country) if one]
    how = shown.CAPACITIES[view.capacity] + (
        _(" of %(count)d") % {"count": view.members} if view.members else ""
    )
    drawn: list[str | Styled] = [
        styled((name(view.label, 30), "bold"), f": {name(view.name, 60)}"),
        styled(("    " + " · ".join([how, *details]), "dim")),
    ]
    if names:
        drawn.append("    " + "; ".join(names))
    if view.role:
        drawn.append("    " + _("by role: %(role)s") % {"role": name(view.role, 50)})
    drawn.append(
        "    " + (_("logo: %(logo)s") % {"logo": logo_in_words(view.logo)} if view.logo else _("no logo"))
    )
    return lines(drawn)
