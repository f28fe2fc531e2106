"""What a setting is: a sentence that says what holds now, and sentences to choose another from.

Law: a person reads what holds as a whole sentence, and what comes of each choice before it is made. Whoever
chooses what guards less is asked once more. Screen, command line and pages in a browser read the same list.

To add one for the interface: a field in `tui.settings.Settings` (text; "" is the default), one entry in
`tui.interface_settings.INTERFACE` by `of_interface`, and, where it is to hold at once, a line in
`MeshcoalApp.settings_changed`. Tests, screen, `meshcoal settings` and docs/guide/settings.md follow the list.
One for the device is an entry in `tui.node_settings` (in a campaign: `tui.campaign_settings`), with the
commands of the API that carry it out.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol, TypeVar

from meshcoal.api.commands import (
    Command,
    GetStatus,
    GetTor,
    ListCampaigns,
    ListRelays,
    ShowBrowser,
    ShowCampaign,
    ShowData,
    ShowIdentity,
    ShowNearby,
    ShowSteady,
    ShowWays,
)
from meshcoal.api.views import (
    BrowserView,
    CampaignsView,
    CampaignView,
    DataView,
    IdentityView,
    MemberState,
    NearbyView,
    RelaysView,
    StatusView,
    SteadyView,
    TorView,
    VaultState,
    WaysView,
)
from meshcoal.errors import BadArgument
from meshcoal.tui.locale import _
from meshcoal.tui.settings import Settings, read_settings, write_settings
from meshcoal.wire.record import Record

V = TypeVar("V", bound=Record)


class Group(enum.StrEnum):
    """Under which heading a setting stands."""

    SEEN = "seen"
    KEPT = "kept"
    TOLD = "told"
    LOOK = "look"


HEADINGS: Final = {
    Group.SEEN: _("Who can see you"),
    Group.KEPT: _("What stays on this machine"),
    Group.TOLD: _("What you are told"),
    Group.LOOK: _("How it looks"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`holds`: what holds then. `means`: what comes of it. Whoever goes down in `guards` is asked again."""

    value: str
    holds: str
    means: str
    guards: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCampaign:
    """What is asked of one campaign."""

    view: CampaignView
    ways: WaysView
    relays: RelaysView


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What only an open vault tells."""

    identity: IdentityView
    data: DataView
    steady: SteadyView
    nearby: NearbyView
    browser: BrowserView
    campaigns: tuple[KnownCampaign, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything that settings are told from."""

    settings: Settings
    tor: TorView
    opened: Opened | None = None  # None: the vault is shut


Sentence = Callable[[Known], str]
# The API's commands that make a choice hold, one after the other, with what answers them.
Steps = tuple[tuple[Command, type[Record]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One thing that can be chosen.

    Without `choices` it is done elsewhere: at `door`, a name in `screens.doors`; or, where that is empty
    too, nowhere, and `why` says why. `typed` is how the command line does it.
    """

    name: str  # stable, English: `meshcoal settings NAME`
    group: Group
    title: str
    now: Sentence  # what holds
    value: Callable[[Known], str] = lambda _known: ""
    choices: Callable[[Known], tuple[Choice, ...]] = lambda _known: ()
    field: str = ""  # in `Settings`
    default: str = ""  # of `field`: where nothing was chosen
    anew: bool = False  # holds when the interface begins anew, which it does by itself
    steps: Callable[[Known, str], Steps] | None = None
    door: str = ""
    place: bytes = b""  # the campaign it is about
    why: str = ""
    typed: str = ""

    def choice(self, known: Known) -> Choice | None:
        """The one that holds."""
        value = self.value(known)
        return next((one for one in self.choices(known) if one.value == value), None)

    def weakens(self, known: Known, chosen: Choice) -> bool:
        """Whether it guards less than what holds."""
        before = self.choice(known)
        return before is not None and chosen.guards < before.guards


def of_interface(
    field: str,
    group: Group,
    title: str,
    choices: tuple[Choice, ...],
    *,
    default: str,
    anew: bool = False,
) -> Setting:
    """A setting that stands in `Settings.FIELD`.

    Args:
        default: the value of the choice that holds where nothing was chosen, or what was is not known.
    """

    def value(known: Known) -> str:
        held = str(getattr(known.settings, field)) or default
        return held if any(one.value == held for one in choices) else default

    def now(known: Known) -> str:
        return next(one.holds for one in choices if one.value == value(known))

    return Setting(
        name=field.replace("_", "-"),
        group=group,
        title=title,
        now=now,
        value=value,
        choices=lambda _known: choices,
        field=field,
        default=default,
        anew=anew,
    )


def one_of(
    name: str,
    group: Group,
    title: str,
    choices: tuple[Choice, ...],
    value: str,
    steps: Callable[[Known, str], Steps],
) -> Setting:
    """A setting of the device, of which one choice holds: `value`."""
    held = next(one for one in choices if one.value == value)
    return Setting(
        name=name,
        group=group,
        title=title,
        now=lambda _known: held.holds,
        value=lambda _known: value,
        choices=lambda _known: choices,
        steps=steps,
    )


class Ask(Protocol):
    """Asks the daemon; `tui.session.Session.send` is one."""

    def __call__(self, command: Command, kind: type[V], /) -> Awaitable[V]: ...


async def look(ask: Ask, settings: Settings) -> Known:
    """Ask for everything that settings are told from; of a shut vault, what is known of it."""
    tor = await ask(GetTor(), TorView)
    if (await ask(GetStatus(), StatusView)).vault is not VaultState.UNLOCKED:
        return Known(settings=settings, tor=tor)
    campaigns = []
    for one in (await ask(ListCampaigns(), CampaignsView)).campaigns:
        if one.state is MemberState.ACTIVE:
            campaigns.append(
                KnownCampaign(
                    view=await ask(ShowCampaign(campaign=one.id), CampaignView),
                    ways=await ask(ShowWays(campaign=one.id), WaysView),
                    relays=await ask(ListRelays(campaign=one.id), RelaysView),
                )
            )
    opened = Opened(
        identity=await ask(ShowIdentity(), IdentityView),
        data=await ask(ShowData(), DataView),
        steady=await ask(ShowSteady(), SteadyView),
        nearby=await ask(ShowNearby(), NearbyView),
        browser=await ask(ShowBrowser(), BrowserView),
        campaigns=tuple(campaigns),
    )
    return Known(settings=settings, tor=tor, opened=opened)


async def choose(ask: Ask, home: Path, setting: Setting, known: Known, value: str) -> None:
    """Make a choice hold; one of the interface is written down in `home`, and acted on by who asked.

    Raises:
        BadArgument: there is no such choice, or the home cannot be written.
        MeshcoalError: whatever the daemon answered.
    """
    if all(one.value != value for one in setting.choices(known)):
        raise BadArgument(_("choose one of those that are offered"))
    if setting.field:
        before, _broken = read_settings(home)
        kept = "" if value == setting.default else value
        write_settings(home, replace(before, **{setting.field: kept}))
        return
    await apply_steps(ask, setting, known, value)


async def apply_steps(ask: Ask, setting: Setting, known: Known, value: str) -> None:
    """Make one of the choices of a setting of the device hold. Raises whatever the daemon answers."""
    assert setting.steps is not None, "a setting with choices has a way to make them hold"
    for command, answer in setting.steps(known, value):
        await ask(command, answer)
