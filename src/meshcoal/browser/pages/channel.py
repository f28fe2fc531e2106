"""One channel: what was said, files, and a place to write."""

from __future__ import annotations

from typing import Final

from meshcoal.api.commands import ListMessages, MarkRead, ShowCampaign
from meshcoal.api.views import CampaignView, Done, MessagesView
from meshcoal.browser.elements import Child, el, name, said
from meshcoal.browser.forms import Field, Values
from meshcoal.browser.pages.files import file_field
from meshcoal.browser.pages.message import drawn, post
from meshcoal.browser.visit import KEEP, Answer, Page, Sheet, Visit, draft_note, place_of
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext

PAGE: Final = 50
_UNREAD: Final = "unread"
_PINNED: Final = "pinned"


class ChannelPage(Page):
    """Ids: campaign, channel; and before which message, or `unread` or `pinned`, if not at the end."""

    WRITES = ("send",)

    async def show(self, visit: Visit) -> Sheet:
        campaign, channel = visit.id(), visit.id(1, 16)
        before = visit.id(2) if visit.word(2) not in ("", _UNREAD, _PINNED) else b""
        unread, pinned = visit.word(2) == _UNREAD, visit.word(2) == _PINNED
        view = await visit.ask(ShowCampaign(campaign=campaign), CampaignView)
        called = next((one.name for one in view.channels if one.id == channel), "")
        command = ListMessages(
            campaign=campaign, channel=channel, before=before, limit=PAGE, unread=unread, pinned=pinned
        )
        page = await visit.ask(command, MessagesView)
        at_end = bool(page.messages) and not (before or unread or pinned)
        if at_end or (unread and page.messages and not page.later):
            mark = MarkRead(campaign=campaign, channel=channel, message=page.messages[-1].id)
            await visit.ask(mark, Done)
        await visit.find_draft()
        body: list[Child] = []
        if page.talk_days:
            vanish = ngettext(
                "Messages vanish after %(days)d day", "Messages vanish after %(days)d days", page.talk_days
            )
            body.append(el("p", vanish % {"days": page.talk_days}, class_="dim"))
        if page.gaps:
            body.append(el("div", [el("p", "! " + shown.gap(gap)) for gap in page.gaps], class_="warn"))
        ways = []
        if page.unread > len(page.messages) and not unread:
            ways.append(visit.link(_("Go to the first unread"), "channel", campaign, channel, _UNREAD))
        if page.pins and not pinned:
            told = ngettext("%(count)d pinned message", "%(count)d pinned messages", page.pins)
            words = told % {"count": page.pins}
            ways.append(visit.link(words, "channel", campaign, channel, _PINNED))
        ways.append(visit.link(_("Search"), "search", campaign))
        body.append(el("ul", [el("li", one) for one in ways]))
        if page.more:
            older = visit.link(_("Older messages"), "channel", campaign, channel, page.messages[0].id)
            body.append(el("p", older))
        if not at_end:
            body.append(el("p", visit.link(_("Newest messages"), "channel", campaign, channel)))
        known = {one.id: one for one in page.messages}
        for one in page.messages:
            if one.id == page.first_unread and page.unread:
                body.append(el("h2", _("New"), id="new"))
            body.append(drawn(visit, campaign, channel, one, known))
        if not page.messages:
            body.append(el("p", _("Nothing was said here yet.")))
        if at_end or not page.messages:
            body.append(el("p", visit.link(_("Look for new messages"), "channel", campaign, channel)))
        body.append(el("h2", _("Write"), id="write"))
        body.append(draft_note(visit))
        hint = _("@ and a member's name mentions them.")
        fields = (Field(name="text", label=_("Message"), kind="text", hint=hint),)
        buttons = (("send", _("Send")), (KEEP, _("Keep as a draft")))
        body.append(visit.form((*fields, *file_field(view.file_bytes_max)), buttons, files=True))
        heading = _("# %(channel)s") % {"channel": name(called, 60)}
        trail = (visit.link(said(view.name), "campaign", campaign),)
        return Sheet(heading=heading, body=body, trail=trail, typed=True)

    async def act(self, visit: Visit, values: Values) -> Answer:
        campaign, channel = visit.id(), visit.id(1, 16)
        await post(visit, values, campaign, channel)
        visit.told = _("Sent.")
        return place_of("channel", campaign, channel)
