"""Looks campaigns, channels, members and statements up at the daemon by what a person typed."""

from __future__ import annotations

from meshcoal.api.commands import ListCampaigns, ListStatements, ShowCampaign, ShowStatement
from meshcoal.api.views import (
    CampaignsView,
    CampaignView,
    ChannelView,
    MemberView,
    StatementsView,
    StatementView,
)
from meshcoal.cli.lookup import Thing, channel_things, member_things, pick
from meshcoal.cli.session import Session


def find_campaign_id(session: Session, wanted: str) -> bytes:
    """Raises `Unknown`, `Ambiguous`."""
    known = session.ask(ListCampaigns(), CampaignsView).campaigns
    return pick("campaign", wanted, [Thing(one.id, one.name) for one in known])


def find_campaign(session: Session, wanted: str) -> CampaignView:
    """Raises `Unknown`, `Ambiguous`."""
    return session.ask(ShowCampaign(campaign=find_campaign_id(session, wanted)), CampaignView)


def find_channel(session: Session, campaign: str, wanted: str) -> tuple[CampaignView, ChannelView]:
    """Raises `Unknown`, `Ambiguous`. A leading `#` is how people write channels."""
    view = find_campaign(session, campaign)
    channel = pick("channel", wanted.removeprefix("#"), channel_things(view))
    return view, next(one for one in view.channels if one.id == channel)


def find_member(campaign: CampaignView, wanted: str) -> MemberView:
    """Raises `Unknown`, `Ambiguous`."""
    author = pick("member", wanted, member_things(campaign))
    return next(one for one in campaign.members if one.author == author)


def find_statement_id(session: Session, campaign: str, wanted: str) -> tuple[bytes, bytes]:
    """Ids of campaign and statement. Raises `Unknown`, `Ambiguous`."""
    where = find_campaign_id(session, campaign)
    page = session.ask(ListStatements(campaign=where), StatementsView)
    known = {one.id: one.title for one in page.statements}
    older = page.more
    while older:
        command = ListStatements(campaign=where, before=page.statements[0].id)
        page = session.ask(command, StatementsView)
        older = page.more and page.statements[0].id not in known
        known |= {one.id: one.title for one in page.statements}
    things = [Thing(one, title) for one, title in known.items()]
    return where, pick("statement", wanted, things, by_words=True)


def find_statement(session: Session, campaign: str, wanted: str) -> StatementView:
    """Raises `Unknown`, `Ambiguous`."""
    where, statement = find_statement_id(session, campaign, wanted)
    return session.ask(ShowStatement(campaign=where, statement=statement), StatementView)
