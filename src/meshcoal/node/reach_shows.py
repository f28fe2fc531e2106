"""What is shown of paths: for each member or contact which work, when last, and what to try next.

Law: shows what `node.reached` has seen and what links stand; asks nobody, and dials nobody. What is known of
a contact includes the campaigns in which they are known to be a member: it is one device.
"""

from __future__ import annotations

from collections.abc import Iterable

from meshcoal.api.reaching import PathKind, PathView, ReachesView, ReachView
from meshcoal.api.relay_views import RelayState
from meshcoal.ids import AuthorId, PersonId
from meshcoal.node.advice import Situation, next_steps
from meshcoal.node.boards import Board
from meshcoal.node.campaign import Campaign
from meshcoal.node.core import Core
from meshcoal.node.links import CAMPAIGN
from meshcoal.node.reached import NOTHING, Experience, Whom
from meshcoal.wire.path import path_of_hint


def members_reach(core: Core, campaign: Campaign, now_ms: int) -> ReachesView:
    """Every other active member, by name."""
    views = [
        _view(
            core,
            now_ms,
            who=author,
            name=core.shows.name_of(campaign, author),
            places=[(campaign, author)],
            person=None,
        )
        for author in campaign.roster().active()
        if author != campaign.me
    ]
    return ReachesView(reaches=tuple(sorted(views, key=lambda one: (one.name.casefold(), one.who))))


def contacts_reach(core: Core, now_ms: int) -> ReachesView:
    """Every contact, by name."""
    shared: dict[PersonId, list[tuple[Campaign, AuthorId]]] = {}
    for campaign in core.campaigns.values():
        for author in campaign.roster().active():
            person = core.persons.get(author)
            if person is not None and author != campaign.me:
                shared.setdefault(person, []).append((campaign, author))
    views = [
        _view(
            core,
            now_ms,
            who=person,
            name=core.people.name_of(person),
            places=shared.get(person, []),
            person=person,
        )
        for person in core.people.contacts
    ]
    return ReachesView(reaches=tuple(sorted(views, key=lambda one: (one.name.casefold(), one.who))))


def _view(
    core: Core,
    now_ms: int,
    *,
    who: bytes,
    name: str,
    places: list[tuple[Campaign, AuthorId]],
    person: PersonId | None,
) -> ReachView:
    contact = core.people.contacts[person] if person is not None else None
    whoms: list[Whom] = [(b"", person)] if person is not None else []
    hints = list(contact.hints) if contact is not None else []
    for campaign, author in places:
        whoms.append((campaign.id, campaign.roster().members[author].card.link))
        hints += campaign.hints_of(author)
    up = [
        link.path
        for link in core.links.by_number.values()
        if not link.closing and link.heard and link.whom in whoms
    ]
    dialled = [key for key in core.links.targets if (key[1] if key[0] == CAMPAIGN else b"", key[2]) in whoms]
    near = any(key in core.nearby.found for key in dialled)
    known = {path_of_hint(hint) for hint in hints}
    open_paths = _usable_paths(core, places, person)
    relays = [core.relays.state(campaign, board) for campaign, _ in places for board in _boards(campaign)]
    paths: dict[PathKind, PathView] = {}
    for kind in PathKind:
        seen = _newest(core.links.reached.of(whom, kind) for whom in whoms)
        stands = kind in up
        paths[kind] = PathView(
            kind=kind,
            known=bool(relays)
            if kind is PathKind.RELAY
            else bool(places)
            if kind is PathKind.CARRIED
            else kind in known or stands or (kind is PathKind.NEARBY and near),
            open=kind in open_paths,
            up=any(state is RelayState.WORKING for state, _, _ in relays)
            if kind is PathKind.RELAY
            else stands,
            worked_ms=now_ms if stands else seen.worked_ms,
            by_day=seen.by_day and not stands,
            failed_ms=-1 if stands else seen.failed_ms,
            code="" if stands else seen.code,
        )
    tries = [
        core.links.attempts[key].try_at_ms(core.links.targets[key].hints)
        for key in dialled
        if core.links.targets[key].hints
    ]
    situation = Situation(
        now_ms=now_ms,
        connected=bool(up),
        refused=contact is not None and contact.refused,
        member=bool(places),
        tor_on=core.links.onion,
        nearby_on=core.nearby.on,
        nearby_open=PathKind.NEARBY in open_paths,
        trying=bool(tries),
        paths=paths,
    )
    return ReachView(
        who=who,
        name=name,
        connected=bool(up),
        paths=tuple(paths.values()),
        steps=next_steps(situation),
        next_try_ms=min(tries) if tries and not up else -1,
    )


def _boards(campaign: Campaign) -> list[Board]:
    return [board for board in campaign.boards.boards.values() if not board.until_ms]


def _usable_paths(
    core: Core, places: list[tuple[Campaign, AuthorId]], person: PersonId | None
) -> set[PathKind]:
    """The paths that may be used towards somebody: over any campaign, or as a contact alone."""
    found = {PathKind.RELAY, PathKind.CARRIED}
    if core.links.onion:
        found.add(PathKind.ONION)
    ways = core.people.ways
    policies = [ways.towards_member(campaign.id, author) for campaign, author in places]
    for policy in policies or [ways.contact(person or b"")]:
        for path in (PathKind.PLAIN, PathKind.NEARBY):
            if core.links.direct and policy.permits(path):
                found.add(path)
    return found


def _newest(all_seen: Iterable[Experience]) -> Experience:
    """Of one device, met in several places: what worked last, unless it failed since."""
    some = list(all_seen)
    worked = max(some, key=lambda one: one.worked_ms, default=NOTHING)
    failed = max(some, key=lambda one: one.failed_ms, default=NOTHING)
    since = failed.failed_ms > worked.worked_ms
    return Experience(
        worked_ms=worked.worked_ms,
        by_day=worked.by_day,
        failed_ms=failed.failed_ms if since else -1,
        code=failed.code if since else "",
    )
