"""Every page there is, by the name that its places carry."""

from __future__ import annotations

from typing import Final

from meshcoal.browser.pages import (
    campaign,
    channel,
    comparing,
    files,
    freezing,
    home,
    letter,
    machine,
    meeting,
    message,
    people,
    releasing,
    safety,
    search,
    signing,
    writing,
)
from meshcoal.browser.visit import Page

HOME: Final = "home"
PAGES: Final[dict[str, Page]] = {
    HOME: home.HomePage(),
    "found": home.FoundPage(),
    "accept": meeting.AcceptPage(),
    "introductions": meeting.IntroductionsPage(),
    "warnings": meeting.WarningsPage(),
    "campaign": campaign.CampaignPage(),
    "open-channel": campaign.OpenChannelPage(),
    "channel": channel.ChannelPage(),
    "message": message.MessagePage(),
    "search": search.SearchPage(),
    "file": files.FilePage(),
    "members": people.MembersPage(),
    "words": people.WordsPage(),
    "letter": letter.LetterPage(),
    "exact": comparing.ExactPage(),
    "changes": comparing.ChangesPage(),
    "beside": comparing.BesidePage(),
    "draft": writing.DraftPage(),
    "amend": writing.AmendPage(),
    "translate": writing.TranslatePage(),
    "comment": writing.CommentPage(),
    "freeze": freezing.FreezePage(),
    "release": freezing.ReleasePage(),
    "addendum": freezing.AddendumPage(),
    "sign": signing.SignPage(),
    "seal": signing.SealPage(),
    "count": signing.CountPage(),
    "withdraw": signing.WithdrawPage(),
    "exports": releasing.ExportsPage(),
    "preview": releasing.PreviewPage(),
    "drafts": machine.DraftsPage(),
    "network": machine.NetworkPage(),
    "settings": safety.SettingsPage(),
    "setting": safety.SettingPage(),
    "posture": safety.PosturePage(),
}
