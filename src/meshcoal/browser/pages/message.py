"""One message: what it said before, its thread, and what can be done about it; and how messages are drawn.

Law: what was changed, taken back or hidden says so. A message that is gone leaves its place and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

from meshcoal.api.commands import (
    EditMessage,
    ListMessages,
    PinMessage,
    PostMessage,
    ReactToMessage,
    ShowCampaign,
    ShowMessage,
    TakeBackMessage,
)
from meshcoal.api.views import (
    CampaignView,
    MessageDetailView,
    MessageState,
    MessagesView,
    MessageView,
    ReactionView,
)
from meshcoal.browser.elements import Child, Element, el, name, put, said
from meshcoal.browser.forms import Field, Values
from meshcoal.browser.pages.files import attached, file_field, handed_over
from meshcoal.browser.visit import KEEP, Answer, Page, Sheet, Visit, draft_note, place_of
from meshcoal.client.mentioning import mentioned
from meshcoal.client.reacting import REACTIONS
from meshcoal.errors import BadArgument
from meshcoal.limits import API_PAGE_MAX
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext

_NO_REACTION = ""


def drawn(
    visit: Visit,
    campaign: bytes,
    channel: bytes,
    one: MessageView,
    known: Mapping[bytes, MessageView],
    *,
    alone: bool = False,
) -> Element:
    """A message among others; `alone`: on its own page, without ways to it."""
    who: Child = _("me") if one.me else said(one.name)
    head = el("p", el("strong", who), " ", visit.moment(one.at_ms), " · ", shown.held(one), class_="dim")
    made = el("article", head, class_="message mine" if one.me else "message")
    if one.mentions_me:
        put(made, el("p", el("strong", _("! You are mentioned."))))
    if one.pinned_by:
        put(made, el("p", _("Pinned by %(name)s") % {"name": name(one.pinned_by, 24)}, class_="dim"))
    if one.reply_to:
        answered = known.get(one.reply_to)
        quoted = name(answered.text, 80) if answered else _("a message that is not on this page")
        put(made, el("blockquote", el("p", quoted)))
    if one.doubted:
        doubt = _("! May be one of two stories: this device gave two different operations at one place.")
        put(made, el("p", doubt, class_="warn"))
    if one.state is MessageState.TAKEN_BACK:
        put(made, el("p", _("Taken back. Copies may exist elsewhere."), class_="dim"))
    elif one.state is MessageState.HIDDEN:
        put(made, el("p", _("Hidden by %(name)s.") % {"name": name(one.hidden_by, 24)}, class_="dim"))
    if one.text:
        put(made, said(one.text, "p", class_="said"))
    if one.edited_ms:
        put(made, el("p", _("changed"), ", ", visit.moment(one.edited_ms), class_="dim"))
    put(
        made, attached(visit, campaign, one.id, one.attachments, place=place_of("channel", campaign, channel))
    )
    if one.reactions:
        put(made, el("p", [_reaction(reaction) for reaction in one.reactions]))
    if alone:
        return made
    row = el("p")
    if one.replies:
        answers = ngettext("%(count)d answer", "%(count)d answers", one.replies) % {"count": one.replies}
        put(row, visit.link(answers, "message", campaign, channel, one.id), " · ")
    label = _("Answer, or more with the message of %(name)s") % {"name": name(one.name, 24)}
    link = visit.link(_("Answer or more"), "message", campaign, channel, one.id)
    link.set("aria-label", label)
    return put(made, put(row, link))


def _reaction(one: ReactionView) -> Child:
    mine = _(" (you too)") if one.mine else ""
    return (said(one.emoji), f" {one.count}", mine, "  ")


class MessagePage(Page):
    """Ids: campaign, channel, message."""

    WRITES = ("send",)

    async def show(self, visit: Visit) -> Sheet:
        campaign, channel, message = visit.id(), visit.id(1, 16), visit.id(2)
        view = await visit.ask(ShowCampaign(campaign=campaign), CampaignView)
        detail = await visit.ask(ShowMessage(campaign=campaign, message=message), MessageDetailView)
        one = detail.message
        thread = one.thread or one.id
        command = ListMessages(campaign=campaign, channel=channel, thread=thread, limit=API_PAGE_MAX)
        page = await visit.ask(command, MessagesView)
        await visit.find_draft()
        body: list[Child] = [drawn(visit, campaign, channel, one, {}, alone=True)]
        if detail.editions:
            before = [
                el("li", visit.moment(edition.at_ms), ": ", said(edition.text)) for edition in detail.editions
            ]
            body += [el("h2", _("What it said before")), el("ol", before)]
        others = [other for other in page.messages if other.id != one.id]
        if others:
            known = {other.id: other for other in page.messages}
            body.append(el("h2", _("The thread")))
            body += [drawn(visit, campaign, channel, other, known) for other in others]
        body += [el("h2", _("Answer")), draft_note(visit), self._answer_form(visit, view)]
        body += self._more(visit, one)
        called = next((known.name for known in view.channels if known.id == channel), "")
        return Sheet(
            heading=_("A message in # %(channel)s") % {"channel": name(called, 60)},
            body=body,
            trail=(
                visit.link(said(view.name), "campaign", campaign),
                visit.link(("# ", said(called)), "channel", campaign, channel),
            ),
            typed=True,
        )

    def _answer_form(self, visit: Visit, view: CampaignView) -> Element:
        fields = (
            Field(
                name="text",
                label=_("Message"),
                kind="text",
                hint=_("@ and a member's name mentions them."),
            ),
            *file_field(view.file_bytes_max),
        )
        buttons = (("send", _("Send")), (KEEP, _("Keep as a draft")))
        return visit.form(fields, buttons, files=True)

    def _more(self, visit: Visit, one: MessageView) -> list[Child]:
        """React, pin, change, take back."""
        if one.state is not MessageState.SAID:
            return []
        mine = next((reaction.emoji for reaction in one.reactions if reaction.mine), _NO_REACTION)
        choices = tuple(
            [(emoji, emoji) for emoji in dict.fromkeys([*REACTIONS.values(), *([mine] if mine else [])])]
        )
        react = Field(
            name="emoji",
            label=_("My reaction"),
            kind="choice",
            choices=((_NO_REACTION, _("no reaction")), *choices),
            value=mine,
        )
        rows: list[Child] = [el("h2", _("More"))]
        rows.append(visit.form((react,), (("react", _("React")),), prefix="r"))
        if one.pinned_by:
            rows.append(visit.form((), (("unpin", _("Pin it no longer")),), prefix="p"))
        else:
            rows.append(visit.form((), (("pin", _("Pin it for all")),), prefix="p"))
        if one.may_change:
            text = Field(name="new_text", label=_("It shall say"), kind="text", value=one.text, required=True)
            rows.append(el("p", _("What it said before stays readable for whoever looks."), class_="dim"))
            rows.append(visit.form((text,), (("change", _("Change it")),), prefix="e"))
        if one.may_take_back:
            words = _("Take it back") if one.me else _("Hide it")
            told = _("It is erased on every device that hears of it. Copies may exist elsewhere.")
            rows.append(el("p", told if one.me else _("It leaves the screens of all members."), class_="dim"))
            rows.append(visit.form((), (("back", words),), danger=True, prefix="b"))
        return rows

    async def act(self, visit: Visit, values: Values) -> Answer:
        campaign, channel, message = visit.id(), visit.id(1, 16), visit.id(2)
        match values["do"]:
            case "react":
                emoji = values["emoji"]
                await visit.ask(ReactToMessage(campaign=campaign, message=message, emoji=emoji), MessageView)
            case "pin" | "unpin":
                pinned = values["do"] == "pin"
                await visit.ask(PinMessage(campaign=campaign, message=message, pinned=pinned), MessageView)
            case "change":
                view = await visit.ask(ShowCampaign(campaign=campaign), CampaignView)
                text, mentions = mentioned(values.text("new_text"), view.members)
                change = EditMessage(campaign=campaign, message=message, text=text, mentions=mentions)
                await visit.ask(change, MessageView)
            case "back":
                await visit.ask(TakeBackMessage(campaign=campaign, message=message), MessageView)
            case _other:
                await post(visit, values, campaign, channel, message)
                visit.told = _("Sent.")
        return visit.place


async def post(visit: Visit, values: Values, campaign: bytes, channel: bytes, reply_to: bytes = b"") -> None:
    """Say what a form holds. Raises `BadArgument`, `Ambiguous`, and what the daemon answers."""
    written = values.text("text")
    if not written and not values.files:
        raise BadArgument(_("write what you have to say"))
    view = await visit.ask(ShowCampaign(campaign=campaign), CampaignView)
    text, mentions = mentioned(written, view.members)
    command = PostMessage(
        campaign=campaign,
        channel=channel,
        text=text,
        reply_to=reply_to,
        attachments=await handed_over(visit, campaign, values),
        mentions=mentions,
    )
    await visit.ask(command, MessageView)
