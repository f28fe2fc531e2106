"""How anybody begins: coming in, founding, and whom I know. What home and the first steps both lead to."""

from __future__ import annotations

from meshcoal.api.views import CampaignView
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.widgets.plain import say


class Beginnings(MeshScreen[None]):
    """A screen from which a person accepts invitations and founds campaigns."""

    def action_found(self) -> None:
        from meshcoal.tui.screens.founding import found_form

        self.app.push_screen(found_form(self.mesh), self._founded)

    def _founded(self, campaign: CampaignView | None) -> None:
        from meshcoal.tui.screens.campaign import CampaignScreen

        if campaign is not None:
            self.app.push_screen(CampaignScreen(campaign.id))

    def action_accept(self) -> None:
        from meshcoal.tui.screens.accepting import accept_form

        self.app.push_screen(accept_form(self), self._accepted)

    def _accepted(self, carried: bool | None) -> None:
        if carried is not None:
            if carried:
                say(self.app, _("Hand your request to the person who invited you."))
            else:
                say(self.app, _("Accepted. Now the other machine is being reached."))
            self.action_introductions()

    def action_invitations(self) -> None:
        from meshcoal.tui.screens.invitations import InvitationsScreen

        self.app.push_screen(InvitationsScreen())

    def action_introductions(self) -> None:
        from meshcoal.tui.screens.introductions import IntroductionsScreen

        self.app.push_screen(IntroductionsScreen())

    def action_contacts(self) -> None:
        from meshcoal.tui.screens.contacts import ContactsScreen

        self.app.push_screen(ContactsScreen())
