"""Everything a node is made of, wired together; and what links the parts: decisions, targets, pushes.

Law: the parts do not know each other. Statements know nothing of peers, links nothing of statements; what
must pass from one to the other passes here.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.views import MemberState, NoticeKind
from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.kem import Kem
from meshcoal.errors import InvitationServed, NotAuthorized, OverLimit, WrongLink
from meshcoal.group.agreement import PairwiseCourier
from meshcoal.ids import AuthorId, CampaignId, PersonId
from meshcoal.log.changes import PutDocument
from meshcoal.log.reader import LogReader
from meshcoal.node import comparing, doubles, steady
from meshcoal.node.accept import Acceptor
from meshcoal.node.attachments import Attachments
from meshcoal.node.campaign import Campaign
from meshcoal.node.catching import SPOOL_TIMER
from meshcoal.node.choosing import advice_changed, is_borne
from meshcoal.node.compose import Composer
from meshcoal.node.forks import want_halts
from meshcoal.node.gossip import TREE_TIMER, VIEWS_TIMER, Gossip
from meshcoal.node.introducing import Introducing
from meshcoal.node.links import CAMPAIGN, CONTACT, INTRODUCED, INVITATION, RELAY, Link, Links, Target
from meshcoal.node.members import BACKLOG_TIMER, Members
from meshcoal.node.namesakes import Namesakes
from meshcoal.node.nearby import NEARBY_TIMER, Nearby
from meshcoal.node.pace import USUAL, Pace, announce_ms
from meshcoal.node.people import People
from meshcoal.node.reach import tell_hints, tell_hints_once
from meshcoal.node.reached import REACHED_TIMER, known_in
from meshcoal.node.records import CAMPAIGNS, ONIONS, CampaignRecord, PersonaRecord, load_all
from meshcoal.node.relays import RELAY_TIMERS, Relays
from meshcoal.node.returning import on_decided
from meshcoal.node.saving import Saving
from meshcoal.node.sealing import SEALING_TIMERS, Sealing
from meshcoal.node.shelf import OUTLINE_TIMER
from meshcoal.node.shows import Shows, campaign_name
from meshcoal.node.step import Step
from meshcoal.node.targets import admit_peer, campaign_targets
from meshcoal.node.telling import Telling
from meshcoal.node.unbundling import BUNDLE_TIMER
from meshcoal.node.upkeep import DUE_TIMER, Upkeep
from meshcoal.node.watching import watch_members
from meshcoal.sync.exchange import Exchange
from meshcoal.sync.knock import Door, Knocks, Pattern, campaign_psk
from meshcoal.sync.session import Tools
from meshcoal.wire.frames import (
    Ask,
    Decided,
    Greeting,
    Introduction,
    Message,
    Noted,
    Offer,
    Parted,
    Ping,
    Pong,
    Remembered,
)

PERSONS: Final = "persons"
_ACQUAINTED: Final = b"contacts"  # the group in which the links of contacts take their turns


class Core:
    """State of the node. `node.node.Node` drives it."""

    def __init__(
        self,
        *,
        reader: LogReader,
        entropy: Entropy,
        sealer: Sealer,
        kem: Kem,
        pace: Pace = USUAL,
    ) -> None:
        self.reader = reader
        self.pace = pace
        self.entropy = entropy
        self.sealer = sealer
        self.counters: dict[str, int] = {}
        self.opened_ms = 0  # when the vault was opened
        self.persons = {AuthorId(key): PersonId(value) for key, value in reader.documents(PERSONS)}
        self.people = People(reader=reader, entropy=entropy, sealer=sealer, persona_in=self._persona_in)
        self.introducing = Introducing(reader=reader, entropy=entropy, people=self.people)
        self.nearby = Nearby(entropy, self.doors, self.people.ways)
        tools = Tools(entropy=entropy, kem=kem, knocks=Knocks())
        before = steady.chosen_before(reader)
        self.links = Links(entropy=entropy, tools=tools, counters=self.counters, steady=before)
        courier = PairwiseCourier(sealer=sealer, entropy=entropy)
        self.acceptor = Acceptor(sealer=sealer, courier=courier, counters=self.counters)
        self.composer = Composer(
            acceptor=self.acceptor, courier=courier, sealer=sealer, entropy=entropy, pace=pace
        )
        self.upkeep = Upkeep(composer=self.composer, entropy=entropy, pace=pace)
        self.campaigns: dict[CampaignId, Campaign] = {}
        self.attachments = Attachments(links=self.links, campaigns=self.campaigns)
        self.gossip = Gossip(
            links=self.links, entropy=entropy, sizes=pace.sizes, refresh_targets=self.refresh_targets
        )
        self.sealing = Sealing(links=self.links, entropy=entropy, counters=self.counters)
        self.members = Members(
            links=self.links,
            sealing=self.sealing,
            acceptor=self.acceptor,
            attachments=self.attachments,
            gossip=self.gossip,
            refresh_targets=self.refresh_targets,
        )
        for key, kept in load_all(reader, CampaignRecord, CAMPAIGNS):
            campaign = Campaign.recover(
                id=CampaignId(key), record=kept, reader=reader, sealer=sealer, pace=pace
            )
            self.campaigns[campaign.id] = campaign
        self.links.reached.recover(reader)
        self.saving = Saving(reader, self.links)
        self.people.ways.attach(self.campaigns, self.persons, self.people.invitations)
        self.relays = Relays(
            links=self.links,
            entropy=entropy,
            campaigns=self.campaigns,
            count=self.acceptor.count,
            take_run=self.members.take_from_relay,
            sealing=self.sealing,
            attachments=self.attachments,
        )
        self.telling = Telling(
            people=self.people, introducing=self.introducing, links=self.links, campaigns=self.campaigns
        )
        self.names_changed = True  # somebody may bear another's name now
        self.namesakes = Namesakes(
            reader=reader,
            people=self.people,
            introducing=self.introducing,
            campaigns=self.campaigns,
            persons=self.persons,
        )
        self.shows = Shows(
            people=self.people,
            links=self.links,
            persons=self.persons,
            namesakes=self.namesakes,
            attachments=self.attachments,
            sealing=self.sealing,
        )

    # --- Campaigns

    def _persona_in(self, campaign: CampaignId) -> PersonaRecord | None:
        found = self.campaigns.get(campaign)
        # Who is out stays out under that persona: a new admission needs a new one.
        stays = found is not None and found.my_state is MemberState.ACTIVE and not found.seeds.lost
        return found.record.persona if found is not None and stays else None

    def open_campaign(self, step: Step, campaign: CampaignId, kept: CampaignRecord) -> Campaign:
        """A campaign I founded or was admitted to."""
        opened = Campaign(id=campaign, record=kept, reader=self.reader, sealer=self.sealer, pace=self.pace)
        opened.take_persona(step, kept)
        self.campaigns[campaign] = opened
        step.put(CAMPAIGNS, campaign, opened.record)
        self.upkeep.keep(step, opened, first=True)
        return opened

    def put_person(self, step: Step, author: AuthorId, person: PersonId) -> None:
        """Remember which member is which contact. It stays here: nobody is shown a proof of it."""
        self.persons[author] = person
        step.change(PutDocument(space=PERSONS, key=author, value=person))

    def tell_hints(self, step: Step) -> None:
        """My addresses changed: tell the members of each campaign where that is news."""
        for campaign in self.campaigns.values():
            tell_hints(step, campaign, self.people, self.composer, self.entropy)

    # --- Links

    def doors(self, now_ms: int) -> list[Door]:
        found = [
            Door(
                name=(CAMPAIGN, campaign.id),
                pattern=Pattern.KNOWN,
                static=campaign.persona.link,
                psk=campaign_psk(campaign.id),
            )
            for campaign in self.campaigns.values()
            if campaign.my_state is MemberState.ACTIVE or campaign.parting
        ]
        return found + self.people.doors(now_ms) + self.introducing.doors(now_ms)

    def refresh_targets(self, step: Step) -> None:
        """Work out afresh whom to keep links to."""
        targets = self.people.targets(step.now_ms) + self.introducing.targets(step.now_ms)
        targets += self.telling.targets(step.now_ms)
        for campaign in self.campaigns.values():
            self.gossip.review(step, campaign)
            if campaign.my_state is not MemberState.ACTIVE and not campaign.parting:
                self.people.onions.drop_campaign(step, campaign.id)
            targets += self.relays.targets(step, campaign)
            targets += campaign_targets(campaign, self.gossip.wanted(campaign, self.nearby.sighted_among))
        self.links.want(step, self.nearby.near(self.people.ways.open(targets)))
        if self.campaigns or self.people.contacts:
            self.links.reached.look_hourly(step)

    def review_relays(self, step: Step, campaign: Campaign) -> None:
        """Members told of relays, or came and went."""
        if self.relays.review(step, campaign):
            self.refresh_targets(step)

    def lose(self, step: Step, number: int, code: str) -> None:
        """A link is down."""
        link = self.links.by_number.get(number)
        if link is not None and link.campaign is not None:
            self.gossip.lost(step, self.campaigns[link.campaign], link)  # first, lest it be dialled again
        if self.links.down(step, number, code) is None:
            return
        assert link is not None
        self.relays.lost(step, link)
        self.attachments.lose(step, link)
        if link.campaign is not None:
            self.members.lost(step, link, self.campaigns[link.campaign])
        if link.target is not None and not link.established:
            self._dial_vain(step, link.target)

    def dial_failed(self, step: Step, dial: int, code: str) -> None:
        """A try to make a link came to nothing."""
        if (target := self.links.dial_failed(step, dial, code)) is not None:
            self._dial_vain(step, target)

    def _dial_vain(self, step: Step, target: Target) -> None:
        if target.key[0] == CAMPAIGN:
            self.gossip.dial_failed(step, self.campaigns[CampaignId(target.key[1])], target)

    def alive(self, step: Step, link: Link) -> None:
        """Something came on a link."""
        if link.campaign is not None:
            self.gossip.alive(step, self.campaigns[link.campaign], link)

    def name_of_target(self, key: tuple[str, bytes, bytes]) -> tuple[str, str]:
        """Name and campaign name of whoever a link leads to."""
        kind, place, remote = key
        if kind != CAMPAIGN:
            return self.people.name_of(remote) or self.introducing.name_of(remote), ""
        campaign = self.campaigns.get(CampaignId(place))
        if campaign is None:
            return "", ""
        author = campaign.member_by_link(remote)
        name = self.shows.name_of(campaign, author) if author else ""
        return name, campaign_name(self.campaigns, place)

    def established(self, step: Step, link: Link) -> None:
        """A handshake is finished: is this somebody to talk to, and what is first? Raises `RemoteError`."""
        assert link.session is not None
        kind, place = link.session.name
        remote = link.session.remote_static
        if link.target is not None:
            if remote != link.target.remote:
                raise NotAuthorized("somebody else answered")
            self.links.won(step, link)
            kind, place = link.target.key[0], link.target.key[1]
        if kind == RELAY:
            self.relays.met(step, link)
            return
        if kind == CAMPAIGN:
            self._begin_exchange(step, link, CampaignId(place), remote)
            return
        contact = self.people.contacts.get(PersonId(remote))
        if contact is not None and contact.refused:
            raise NotAuthorized("a contact whose words did not match")
        if kind == CONTACT and (contact is None or (link.target is None and remote != place)):
            raise NotAuthorized("nobody I know, or somebody with another's secret")
        step.take_turns(link.number, _ACQUAINTED)
        if kind == INTRODUCED:
            step.notice(NoticeKind.PEERS)
            self.links.say(step, link, [self.introducing.greeting(step, place, remote)])
            return
        if link.target is not None:
            link.introduction = place
        if not is_borne(self, step, link):
            return
        if kind == CONTACT and not doubles.keep_one(step, self.links, link, self.people.link.public):
            return
        step.notice(NoticeKind.PEERS)
        if kind == INVITATION and link.target is None:
            kept = self.people.invitations.get(place)
            if kept is None:
                raise InvitationServed("the invitation has served")
            name = campaign_name(self.campaigns, kept.campaign)
            self.links.say(step, link, [self.people.offer(step, place, remote, name)])
        elif kind == CONTACT:
            asks = self.people.asks_again(step, link)
            if asks is not None:
                self.links.say(step, link, [asks])
            self.telling.begin(step, link)

    def _begin_exchange(self, step: Step, link: Link, place: CampaignId, remote: bytes) -> None:
        campaign = self.campaigns[place]
        try:
            link.author = admit_peer(campaign, remote)
        except NotAuthorized:
            self.members.tell_out(step, link, campaign, remote)
            raise
        link.campaign = campaign.id
        step.take_turns(link.number, campaign.id)
        link.exchange = Exchange(campaign.id, self.reader, steady_s=link.steady_s)
        mine = campaign.persona.link.public
        if not is_borne(self, step, link) or not doubles.keep_one(step, self.links, link, mine):
            return
        if link.author is not None:
            campaign.holders.heard(link.author, step.now_ms)
        step.notice(NoticeKind.PEERS)
        comparing.begin(step, self.links, link, campaign, entropy=self.entropy)
        self.attachments.meet(step, link, campaign)

    # --- Messages of peers

    def hear(self, step: Step, link: Link, message: Message) -> None:
        """Act on what a peer said. Raises `RemoteError` where it had no business saying it."""
        if not link.heard and not isinstance(message, Parted):
            link.heard = True
            if (whom := link.whom) is not None:
                self.links.reached.worked(step, whom, link.path, step.now_ms)
            if link.target is not None and (attempts := self.links.attempts.get(link.target.key)) is not None:
                attempts.succeeded(link.hint)
        if isinstance(message, Ping):
            self.links.answer_ping(step, link)
        elif link.to_relay:
            self.relays.hear(step, link, message)
        elif link.exchange is not None and link.campaign is not None:
            self.members.hear(step, link, link.exchange, self.campaigns[link.campaign], message)
        else:
            self._hear_contact(step, link, message)

    def _hear_contact(self, step: Step, link: Link, message: Message) -> None:
        assert link.session is not None
        person = link.session.remote_static
        match message:
            case Offer() if link.target is not None and link.target.pattern is Pattern.INVITATION:
                self.links.say(step, link, [self.people.on_offer(step, link, message)])
            case Ask() if link.target is None:
                if self.people.on_ask(step, link, message):
                    self.links.say(step, link, [Noted(author=b"")])
                self.telling.decisions(step, person)
            case Noted(author=author):
                if author:
                    self.people.on_noted(step, PersonId(person), author)
                elif link.target is not None:
                    self.people.on_heard(step, link)
                self.refresh_targets(step)
            case Decided():
                on_decided(self, step, link, message)
            case Introduction():
                answer = self.introducing.on_introduction(step, PersonId(person), message)
                if answer is None:
                    self.acceptor.count(OverLimit.code)
                else:
                    self.links.say(step, link, [answer])
            case Remembered(reference=reference):
                self.introducing.on_remembered(step, person, reference)
                self.refresh_targets(step)
            case Greeting():
                self.introducing.on_greeting(step, link, message)
                self.refresh_targets(step)
            case _ if self.telling.hear(step, link, message):
                self.refresh_targets(step)
            case Pong():
                pass
            case _:
                raise WrongLink("not said between contacts")

    # --- After operations came in

    def after(self, step: Step, campaign: Campaign, known: int) -> None:
        """What follows from operations taken in since there were `known`: pushes, targets, a new key."""
        if campaign.boards.moved:
            self.review_relays(step, campaign)
        if campaign.count == known and not campaign.controls_changed:
            return
        campaign.review_retired(step.now_ms)
        if campaign.announce_ms <= step.now_ms:  # else one is set: steady traffic must not push it off
            campaign.announce_ms = announce_ms(
                step.now_ms,
                campaign.announce_ms,
                members=len(campaign.roster().active()),
                relays=campaign.relays or self.links.sparing,
            )
            step.timer(f"announce:{campaign.id.hex()}", campaign.announce_ms)
        campaign.holders.cite(step, campaign.taken_now, midway=campaign.midway)
        for operation in campaign.taken_now:
            campaign.news[operation.header.author] = None
        self.gossip.spread(step, campaign)
        self.relays.after(step, campaign)
        if campaign.branched_now:
            want_halts(campaign, step)
        if campaign.controls_changed:
            self._roster_changed(step, campaign)
        elif campaign.hints_changed:
            self.refresh_targets(step)

    def _roster_changed(self, step: Step, campaign: Campaign) -> None:
        for link in list(self.links.by_number.values()):
            if link.campaign != campaign.id or link.closing or link.session is None:
                continue
            try:
                link.author = admit_peer(campaign, link.session.remote_static)
            except NotAuthorized as refusal:
                self.members.tell_out(step, link, campaign, link.session.remote_static)
                self.links.cut(step, link, refusal.code)
            else:
                self.gossip.met(step, campaign, link)
                self.attachments.meet(step, link, campaign)
        self.names_changed = True
        self._match_admitter(step, campaign)
        advice_changed(self, step)
        self.refresh_targets(step)
        self.upkeep.want_key(step, campaign)
        want_halts(campaign, step)
        member = campaign.my_member()
        if member is not None and member.active:
            tell_hints_once(step, campaign, self.people)

    def _match_admitter(self, step: Step, campaign: Campaign) -> None:
        """Whoever told me that I am admitted is the contact I asked: tie the member to the contact."""
        person = campaign.record.admitted_by
        member = campaign.my_member()
        if person and member is not None and member.admitted_by not in self.persons:
            self.put_person(step, member.admitted_by, PersonId(person))

    def look_at_names(self, step: Step) -> None:
        """Where somebody was met, named or admitted in this step: does anybody bear another's name?"""
        if self.names_changed or step.noticed(NoticeKind.CONTACTS) or step.noticed(NoticeKind.INTRODUCTIONS):
            self.names_changed = False
            self.namesakes.look(step)

    # --- Timers

    def timer(self, step: Step, key: str) -> None:
        """A timer of this module came due. Late and repeated firings do no harm."""
        name, _, rest = key.partition(":")
        if name == BACKLOG_TIMER:
            self.members.take_slice(step, self.campaigns)
            return
        if name == NEARBY_TIMER:
            if self.nearby.timer(step):
                self.refresh_targets(step)
            return
        if name == REACHED_TIMER:
            self.links.reached.tidy(step, known_in(self.campaigns, self.people.contacts))
            self.refresh_targets(step)  # others have their turn to be told where I am
            return
        if name == SPOOL_TIMER:
            self.members.catching.take_row(step, self.campaigns)
            return
        if name == BUNDLE_TIMER:
            self.members.unbundling.work(step)
            return
        if name in ("pump", "lack"):
            link = self.links.by_number.get(int(rest))
            place = self.campaigns.get(link.campaign) if link is not None and link.campaign else None
            self.members.timer(step, name, link, place)
            return
        campaign = self.campaigns.get(CampaignId(bytes.fromhex(rest)))
        if campaign is None:
            return
        if name == "announce":
            news = tuple(campaign.news)
            campaign.news.clear()
            for link in self.links.by_number.values():
                if link.campaign == campaign.id and link.exchange and link.established and not link.closing:
                    self.links.say(step, link, link.exchange.announce(campaign.dag, authors=news))
        elif name in (TREE_TIMER, VIEWS_TIMER):
            self.gossip.timer(step, name, campaign)
        elif name in ("rekey", "keep", "halt", "expire", OUTLINE_TIMER, DUE_TIMER):
            if name == "keep":
                self.attachments.keep(step, campaign)
                campaign.boards.moved = True  # those that are closed come to their end
            self.upkeep.timer(step, name, campaign)
        elif name in SEALING_TIMERS:
            if self.sealing.timer(step, name, campaign):
                self.upkeep.begin_week(campaign, step)
        elif name == "chunks":
            self.attachments.timer(step, campaign)
        elif name in RELAY_TIMERS:
            self.relays.timer(step, name, campaign)
        elif name == "hints":
            self.tell_hints(step)
        elif name == ONIONS:
            self.people.onions.serve(step)
        elif name == "holders":
            campaign.holders.put(step)
        elif name == "watch":
            watch_members(step, campaign, self.links, self.members.backlog)
        else:
            raise AssertionError("a timer nobody set")
