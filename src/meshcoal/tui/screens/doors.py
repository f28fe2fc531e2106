"""From a setting or a weak spot to where it is mended: one name for each place.

Law: each of them opens what other keys open as well; nothing is done by going there.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.commands import ListCampaigns, SetBridges, ShowData, ShowWays
from meshcoal.api.views import CampaignsView, DataView, TorView, WaysView
from meshcoal.errors import BadArgument
from meshcoal.limits import BRIDGE_CHARS_MAX, BRIDGES_MAX
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values

SETTING: Final = "setting "  # and the setting's name


def go_through(screen: MeshScreen[None], door: str, place: bytes = b"") -> None:
    """Open the place that a door leads to.

    Args:
        place: the campaign it is about; empty: none.
    """
    # Late: these screens lead here.
    from meshcoal.tui.screens.campaign import CampaignScreen
    from meshcoal.tui.screens.contacts import ContactsScreen
    from meshcoal.tui.screens.identity import IdentityScreen
    from meshcoal.tui.screens.introductions import IntroductionsScreen
    from meshcoal.tui.screens.invitations import InvitationsScreen
    from meshcoal.tui.screens.members import MembersScreen
    from meshcoal.tui.screens.nearby import NearbyScreen
    from meshcoal.tui.screens.relays import RelaysScreen
    from meshcoal.tui.screens.settings import SettingScreen
    from meshcoal.tui.screens.warnings import WarningsScreen
    from meshcoal.tui.widgets.data import data_form

    app, mesh = screen.app, screen.mesh
    if door.startswith(SETTING):
        app.push_screen(SettingScreen(door.removeprefix(SETTING)))
        return
    match door:
        case "bridges":
            app.push_screen(_bridges(screen))
        case "campaign":
            app.push_screen(CampaignScreen(place))
        case "campaign-ways":
            screen.ask(ShowWays(campaign=place), WaysView, lambda view: _ways(screen, view))
        case "contacts":
            app.push_screen(ContactsScreen())
        case "data":
            screen.ask(ShowData(), DataView, lambda view: _pushed(screen, data_form(mesh, view)))
        case "identity":
            app.push_screen(IdentityScreen())
        case "introductions":
            app.push_screen(IntroductionsScreen())
        case "invitations":
            app.push_screen(InvitationsScreen())
        case "lock":
            mesh.action_lock()
        case "members":
            app.push_screen(MembersScreen(place))
        case "nearby":
            app.push_screen(NearbyScreen())
        case "passphrase":
            identity = IdentityScreen()
            app.push_screen(identity)
            identity.call_after_refresh(identity.action_passphrase)
        case "relays":
            app.push_screen(RelaysScreen(place))
        case "warnings":
            app.push_screen(WarningsScreen())
        case _other:
            raise AssertionError(f"no door is called {door}")


def _pushed(screen: MeshScreen[None], form: Form[DataView]) -> None:
    screen.app.push_screen(form)


def _ways(screen: MeshScreen[None], view: WaysView) -> None:
    """The form names the campaign, which the view does not."""
    from meshcoal.tui.screens.ways_forms import campaign_form

    def show(found: CampaignsView) -> None:
        called = next((one.name for one in found.campaigns if one.id == view.campaign), "")
        screen.app.push_screen(campaign_form(screen.mesh, view, called))

    screen.ask(ListCampaigns(), CampaignsView, show)


def _bridges(screen: MeshScreen[None]) -> Form[TorView]:
    async def keep(values: Values) -> TorView:
        lines = tuple([line.strip() for line in values["bridges"].split("\n") if line.strip()])
        if len(lines) > BRIDGES_MAX or any(len(line) > BRIDGE_CHARS_MAX for line in lines):
            raise BadArgument(_("These are too many bridges, or one is too long."))
        return await screen.mesh.session.send(SetBridges(bridges=lines), TorView)

    return Form(
        _("Bridges to Tor"),
        (Field(name="bridges", label=_("One a line"), kind="text"),),
        keep,
        submit=_("Use these"),
        explain=_(
            "Where Tor is blocked, a bridge leads to it. Paste the lines as they were sent to you. meshcoal "
            "then starts a tor of its own. What was here before is replaced; nothing: no bridges any more."
        ),
    )
