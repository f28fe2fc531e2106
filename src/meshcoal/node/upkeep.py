"""What a node does with its keys unasked: an epoch that all share, a rekey when due, old ones erased or told.

Law: nothing here is done twice at once by all: whoever is first in the ring acts first, and what comes
regularly comes at moments of each node's own.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.views import NoticeKind
from meshcoal.clock import DAY_MS, HOUR_MS
from meshcoal.crypto.entropy import Entropy
from meshcoal.group import keyring
from meshcoal.node import talk
from meshcoal.node.campaign import Campaign
from meshcoal.node.compose import Composer, Why
from meshcoal.node.forks import halt_all
from meshcoal.node.pace import Pace
from meshcoal.node.shelf import OUTLINE_TIMER
from meshcoal.node.step import Step
from meshcoal.wire.bodies import RetireBody, WeekBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.terms import Seat

DUE_TIMER: Final = "due"  # a date on which to ask again about a released letter
_REKEY_AFTER_MS: Final = 400
_REKEY_STAGGER_MS: Final = 1_500
_KEEP_FIRST_MS: Final = 120_000  # after a start: what came meanwhile is in by then


class Upkeep:
    """Acts for one node. Holds no state of its own."""

    def __init__(self, *, composer: Composer, entropy: Entropy, pace: Pace) -> None:
        self._composer = composer
        self._entropy = entropy
        self._pace = pace

    def want_key(self, step: Step, campaign: Campaign) -> None:
        """Where no epoch fits the present members, somebody should begin one: the first in the ring first."""
        roster = campaign.roster()
        active = roster.active()
        if not roster.is_active(campaign.me) or campaign.key_fits or campaign.seeds.lost:
            return
        rank = active.index(campaign.me)
        step.timer(
            f"rekey:{campaign.id.hex()}", step.now_ms + _REKEY_AFTER_MS + min(rank, 20) * _REKEY_STAGGER_MS
        )

    def keep(self, step: Step, campaign: Campaign, *, first: bool = False) -> None:
        """Now and then: begin an epoch when one is due, and erase old keys.

        When which key goes is said in docs/protocol/ratchet.md#erasure.
        """
        if first:
            talk.expire(campaign, step)  # before anything is shown of it
            campaign.statements.outline_soon(step)  # and behind it, when to ask again
        else:
            campaign.review_retired(step.now_ms)
            self._publish(step, campaign)
            why = self._rekey_due(campaign, step.now_ms) if campaign.may_write else None
            week_due = campaign.rounds.week_due(campaign.me, step.now_ms, stirred=campaign.stirred)
            if why is not None:
                self._composer.rekey(campaign, step, why)
            if week_due and campaign.may_write:
                self.begin_week(campaign, step)
            erase_keys(campaign, step.now_ms)  # after it, which supersedes others
        every_ms = self._pace.keep_every_ms
        mean_ms = min(_KEEP_FIRST_MS, every_ms) if first else every_ms
        wait_ms = mean_ms // 2 + mean_ms * self._entropy.take(1)[0] // 256
        step.timer(f"keep:{campaign.id.hex()}", step.now_ms + wait_ms)

    def _rekey_due(self, campaign: Campaign, now_ms: int) -> Why | None:
        """Whether to begin an epoch of my own: to ask for keys, or weekly where anything was written."""
        if campaign.missing_epochs():
            return Why.NO_EPOCH
        member = campaign.my_member()
        assert member is not None, "asked of members"
        _, began_ms = campaign.own_epoch
        since_ms = max(began_ms, member.since_ms)
        several = len(campaign.view().inside) > 1
        weekly = campaign.stirred and several and now_ms - since_ms >= self._pace.rekey_age_ms
        return Why.UPDATE if weekly else None

    def begin_week(self, campaign: Campaign, step: Step) -> None:
        """Publish what I sign in rings with, and take shares by, from now on."""
        member = campaign.my_member()
        if not campaign.may_write or member is None or member.seat is Seat.OBSERVER:
            return
        public = campaign.rounds.begin_week(step, campaign.me, self._entropy)
        if public is not None:
            body = WeekBody(at_ms=step.now_ms, keys=public)
            self._composer.write(campaign, step, Kind.WEEK, body)

    def _publish(self, step: Step, campaign: Campaign) -> None:
        """Publish the seeds of my keys that were closed long enough ago, and keep them no longer."""
        author, keys = campaign.seeds.due(step.now_ms, self._pace)
        if not keys or not campaign.may_write:
            return
        held = [campaign.seeds.get(key) for key in keys]
        seeds = tuple([one.seed for one in held if one is not None])
        body = RetireBody(at_ms=step.now_ms, author=author, seeds=seeds)
        self._composer.write(campaign, step, Kind.RETIRE, body)
        for key in keys:
            campaign.seeds.erase(step, key)

    def timer(self, step: Step, name: str, campaign: Campaign) -> None:
        """One of these came due. Late and repeated firings do no harm."""
        if name == "keep":
            self.keep(step, campaign)
        elif name == OUTLINE_TIMER:
            campaign.statements.write(step)
            remind(step, campaign)
        elif name == DUE_TIMER:
            for line in campaign.statements.noted():
                if any(step.now_ms - HOUR_MS < due_ms <= step.now_ms for due_ms in line.follow_ups_ms):
                    step.notice(NoticeKind.DUE, campaign.id, line.id)
            remind(step, campaign)
        elif name == "expire":
            talk.expire(campaign, step)
        elif name == "halt":
            if campaign.may_write:
                halt_all(campaign, step, self._composer)
        elif campaign.may_write and not campaign.key_fits:
            self._composer.rekey(campaign, step, Why.NO_EPOCH)


def remind(step: Step, campaign: Campaign) -> None:
    """Have the next date on which to ask again come due, of all letters as their outlines tell it."""
    dates = [due_ms for line in campaign.statements.noted() for due_ms in line.follow_ups_ms]
    coming = [due_ms for due_ms in dates if due_ms > step.now_ms]
    if coming:
        step.timer(f"{DUE_TIMER}:{campaign.id.hex()}", min(coming))


def erase_keys(campaign: Campaign, now_ms: int) -> None:
    """Erase the keys that are too old. What one moment missed, the next one or the next start erases."""
    campaign.keyring = keyring.erase(
        campaign.keyring, campaign.view(), now_ms=now_ms, talk_expiry_ms=talk.days(campaign) * DAY_MS
    )
