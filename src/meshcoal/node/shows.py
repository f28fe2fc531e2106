"""Views of campaigns: what the daemon shows of what the node knows.

Law: names are mine first (a petname), then what their owners gave; nothing here decides anything.
"""

from __future__ import annotations

from meshcoal.api.call_commands import ReplyState
from meshcoal.api.views import (
    AttachmentView,
    BusyView,
    CampaignSummaryView,
    CampaignView,
    ChannelView,
    ForksView,
    MemberView,
    StatementPhase,
    StatementSummaryView,
    StatementsView,
    StatementView,
)
from meshcoal.campaign.quorum import asked_of
from meshcoal.errors import Unknown
from meshcoal.ids import AuthorId, CampaignId, PersonId
from meshcoal.limits import AUTHORS_MAX, STATEMENTS_SHOWN_MAX
from meshcoal.node import talk
from meshcoal.node.attachments import Attachments
from meshcoal.node.campaign import Campaign
from meshcoal.node.catching import progress_of
from meshcoal.node.counted_shows import CountedShows
from meshcoal.node.courses import Courses
from meshcoal.node.delivery import Delivery
from meshcoal.node.desk import Desk
from meshcoal.node.forks import fork_state, fork_view, set_aside
from meshcoal.node.links import CAMPAIGN, Links
from meshcoal.node.namesakes import Namesakes
from meshcoal.node.people import People
from meshcoal.node.quorum import standing
from meshcoal.node.replies import Replies
from meshcoal.node.rights import (
    authors_change,
    commenters,
    comments_by_seat,
    draft_seats,
    organisers_hide,
    witness_seats,
)
from meshcoal.node.rules import file_bytes_max, kept_bytes_max
from meshcoal.node.seal_shows import SealShows
from meshcoal.node.sealing import Sealing
from meshcoal.node.timeline import Timelines
from meshcoal.statement.desk import reviews
from meshcoal.statement.model import Attaching, Statement
from meshcoal.statement.view import statement_view
from meshcoal.wire.terms import Role, Seat


class Shows:
    """Builds views. Holds no state of its own."""

    def __init__(
        self,
        *,
        people: People,
        links: Links,
        persons: dict[AuthorId, PersonId],
        namesakes: Namesakes,
        attachments: Attachments,
        sealing: Sealing,
    ) -> None:
        self._people = people
        self._attachments = attachments
        self._links = links
        self._namesakes = namesakes
        self.delivery = Delivery(name_of=self.name_of, connected=self.connected)
        self.timelines = Timelines(
            name_of=self.name_of,
            attached=lambda campaign, author, files, context: attachments.views(
                campaign, author, files, context=context
            ),
            gaps=self.delivery.gaps,
        )
        self.courses = Courses(name_of=self.name_of, attached=self.attached)
        self.desk = Desk()
        self._persons = persons  # which member is known to be which contact
        self.seals = SealShows(people=people, persons=persons, sealing=sealing, name_of=self.name_of)
        self.counted = CountedShows(sealing=sealing, name_of=self.name_of)

    # --- Names

    def name_of(self, campaign: Campaign, author: AuthorId) -> str:
        """My petname for a member who is a contact, else the name on their card."""
        member = campaign.roster().members.get(author)
        given = member.card.name if member else author[:4].hex()
        contact = self._people.contacts.get(self._persons.get(author, PersonId(b"")))
        return contact.petname or given if contact else given

    def connected(self, campaign: Campaign, author: AuthorId) -> bool:
        member = campaign.roster().members.get(author)
        if member is None:
            return False
        return self._links.link_to((CAMPAIGN, campaign.id, member.card.link)) is not None

    # --- Campaigns

    def campaign(self, campaign: Campaign, now_ms: int) -> CampaignView:
        """All that is shown of one campaign but its talk; lists are cut at their bounds in `limits`."""
        roster = campaign.roster()
        mine = campaign.my_member()
        create = roster.create
        # Whoever is out goes first where there are more than can be shown.
        shown = roster.members
        if len(shown) > AUTHORS_MAX:
            shown = {author: member for author, member in shown.items() if member.active}
        warned = self._namesakes.members_warned(campaign.id)
        namesakes = self._namesakes.namesakes(campaign.id)
        return CampaignView(
            id=campaign.id,
            name=create.name if create else "",
            goal=create.goal if create else "",
            founded_ms=create.at_ms if create else 0,
            state=campaign.my_state,
            seat=mine.seat if mine else Seat.OBSERVER,
            role=mine.role if mine else Role.MEMBER,
            channels=self._channels(campaign),
            members=tuple(
                [
                    self._member(campaign, author, namesakes.get(author, ""), author in warned)
                    for author in shown
                ]
            ),
            gaps=self.delivery.gaps(campaign),
            waits=self.delivery.waits(campaign),
            withheld=self.delivery.withheld(campaign),
            file_bytes_max=file_bytes_max(campaign.roster()),
            in_country_quorum=asked_of(campaign.roster().rules)[Seat.IN_COUNTRY],
            exile_quorum=asked_of(campaign.roster().rules)[Seat.EXILE],
            ingo_quorum=asked_of(campaign.roster().rules)[Seat.INGO],
            kept_bytes_max=kept_bytes_max(campaign.roster()),
            draft_seats=draft_seats(campaign.roster()),
            witness_seats=witness_seats(campaign.roster()),
            tor_seats=rules.tor_seats if (rules := campaign.roster().rules) else (),
            apart_seats=rules.apart_seats if rules else (),
            comments_by_seat=comments_by_seat(campaign.roster()),
            authors_change=authors_change(campaign.roster()),
            organisers_hide=organisers_hide(campaign.roster()),
            statements=self.statements(campaign),
            cases=self.courses.newest(campaign),
            unopened=campaign.waiting_count(),
            operations=campaign.count,
            heads_digest=campaign.heads_digest(),
            talk_days=talk.days(campaign) if campaign.founded else 0,
            busy=tuple(
                [
                    BusyView(author=author, name=self.name_of(campaign, author), operations=operations)
                    for author, operations in campaign.quotas.unusual(now_ms)[:AUTHORS_MAX]
                ]
            ),
            catching_up=progress_of(campaign, self._links.by_number.values()),
        )

    def summary(self, campaign: Campaign, now_ms: int) -> CampaignSummaryView:
        """A campaign's line in the list of all."""
        roster = campaign.roster()
        active = roster.active()
        statements = self.statements(campaign)
        channels = self._channels(campaign)
        return CampaignSummaryView(
            id=campaign.id,
            name=roster.create.name if roster.create else "",
            goal=roster.create.goal if roster.create else "",
            state=campaign.my_state,
            members=len(active),
            connected=sum(1 for author in active if self.connected(campaign, author)),
            unread=sum(channel.unread for channel in channels),
            mentions=sum(channel.mentions for channel in channels),
            open_statements=sum(
                1
                for statement in statements
                if statement.phase is StatementPhase.OPEN and not statement.signed_by_me
            ),
            missing=self.delivery.missing(campaign),
            alerts=self.courses.unanswered(campaign),
            due=sum(due_ms <= now_ms for statement in statements for due_ms in statement.follow_ups_ms),
            heads_digest=campaign.heads_digest(),
            catching_up=progress_of(campaign, self._links.by_number.values()),
        )

    def _channels(self, campaign: Campaign) -> tuple[ChannelView, ...]:
        views = []
        for seed in campaign.roster().channels.values():
            views.append(
                ChannelView(
                    id=seed.id,
                    name=seed.name,
                    messages=campaign.reader.message_count(campaign.id, seed.id),
                    unread=self.timelines.unread(campaign, seed.id),
                    mentions=self.timelines.unread(campaign, seed.id, calling=True),
                )
            )
        return tuple(views)

    def forks(self, campaign: Campaign) -> ForksView:
        """Everybody whose log is forked, as far as they can be shown."""
        found = []
        for author in sorted(campaign.dag.forks)[:AUTHORS_MAX]:
            told_by = campaign.fork_notices[author].told_by
            found.append(
                fork_view(
                    campaign,
                    author,
                    name=self.name_of(campaign, author),
                    told_by=self.name_of(campaign, AuthorId(told_by)) if told_by else "",
                )
            )
        return ForksView(forks=tuple(found))

    def _member(self, campaign: Campaign, author: AuthorId, namesake: str, warned: bool) -> MemberView:
        member = campaign.roster().members[author]
        contact = self._people.contacts.get(self._persons.get(author, PersonId(b"")))
        me = author == campaign.me
        return MemberView(
            author=author,
            name=self.name_of(campaign, author),
            given_name=member.card.name,
            seat=member.seat,
            role=member.role,
            state=member.state,
            fork=fork_state(campaign, author),
            me=me,
            verified=self.seals.knows(campaign, author),
            introduced_by=self._people.introducer_of(contact) if contact else "",
            namesake="" if me or not member.active else namesake,
            warned=warned,
            admitted_by="" if member.admitted_by == author else self.name_of(campaign, member.admitted_by),
            connected=me or self.connected(campaign, author),
            last_seen_ms=campaign.holders.seen_ms.get(author, -1),
            wrote_ms=campaign.holders.wrote_ms.get(author, -1),
            behind=0 if me else campaign.behind(author),
            deniable_ms=campaign.retired.deniable_ms(author),
        )

    def statements(self, campaign: Campaign) -> tuple[StatementSummaryView, ...]:
        return tuple(campaign.statements.lines()[-STATEMENTS_SHOWN_MAX:])

    def page_of_statements(self, campaign: Campaign, *, before: bytes, limit: int) -> StatementsView:
        """Raises `Unknown`."""
        lines = campaign.statements.lines()
        end = len(lines)
        if before:
            places = [place for place, line in enumerate(lines) if line.id == before]
            if not places:
                raise Unknown("There is no such statement in this campaign.")
            end = places[0]
        return StatementsView(statements=tuple(lines[max(0, end - limit) : end]), more=end > limit)

    def statement(self, campaign: Campaign, statement: Statement, now_ms: int) -> StatementView:
        """All of a statement, with what I may do about it now."""
        mine = campaign.my_member()
        return statement_view(
            statement,
            me=campaign.me,
            active=mine is not None and mine.active,
            seat=mine.seat if mine else Seat.OBSERVER,
            role=mine.role if mine else Role.MEMBER,
            roster=campaign.signer,
            names=lambda author: self.name_of(campaign, author),
            commenters=commenters(campaign, lambda author: self.name_of(campaign, author)),
            draft_seats=draft_seats(campaign.roster()),
            witness_seats=witness_seats(campaign.roster()),
            now_ms=now_ms,
            set_aside=set_aside(campaign, statement.id),
            asked=tuple(
                [
                    author
                    for author in campaign.roster().active()
                    if campaign.roster().members[author].seat is not Seat.OBSERVER
                ]
            ),
            course=self.courses.of_statement(campaign, statement, now_ms),
            held=self.delivery.held(campaign),
            seal=self.seals.view(campaign, statement, now_ms),
            unnamed=self.counted.view(campaign, statement, now_ms),
            standing=standing(campaign.roster()),
            attached=lambda one: self.attached(campaign, one),
            replies=self._replies(campaign, statement),
        )

    def _replies(self, campaign: Campaign, statement: Statement) -> int:
        if not statement.calls:
            return 0
        counts = Replies(campaign.reader, campaign.id, statement.id).counts(
            reviews(self.desk.told(campaign, statement))
        )
        return counts[ReplyState.WAITING] + counts[ReplyState.ASKED]

    def attached(self, campaign: Campaign, one: Attaching) -> tuple[AttachmentView, ...]:
        """The files of something that somebody wrote."""
        if not one.attachments:
            return ()
        place = campaign.dag.place(one.id)
        assert place is not None, "what is folded is held"
        return self._attachments.views(campaign, one.author, one.attachments, context=place.context)


def campaign_name(campaigns: dict[CampaignId, Campaign], campaign: bytes) -> str:
    """Its name, or nothing where it is not known here."""
    found = campaigns.get(CampaignId(campaign))
    create = found.roster().create if found else None
    return create.name if create else ""
