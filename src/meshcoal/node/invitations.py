"""Invitations that I made: open ones, and what became of those that are open no more.

Law: an invitation serves once, until its date, unless it is taken back. Of one that can be answered by a
file it is remembered what became of it, so that whoever comes late is told why; what opens requests to it is
erased at once.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.commands import MakeInvitation
from meshcoal.api.views import InvitationView
from meshcoal.crypto.agreement import SEALER_SEED_BYTES, Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.joining import campaign_mark, request_door
from meshcoal.errors import BadArgument, Unknown, WrongPhase
from meshcoal.limits import (
    INVITATION_LIFETIME_MS,
    INVITATION_LIFETIME_MS_MAX,
    INVITATIONS_MAX,
    SERVED_INVITATIONS_MAX,
)
from meshcoal.log.reader import LogReader
from meshcoal.node.contacts import Contacts
from meshcoal.node.links import INVITATION
from meshcoal.node.records import (
    INVITATIONS,
    SERVED,
    InvitationRecord,
    ServedRecord,
    ServedWhy,
    load_all,
)
from meshcoal.node.step import Step
from meshcoal.sync.knock import Door, Pattern, invitation_psk
from meshcoal.wire.invitation import CODE_BYTES, Invitation, encode_invitation

INTRODUCTION_ID_BYTES: Final = 16


class Invitations(Contacts):
    """Who may come, and by what."""

    def __init__(self, *, reader: LogReader, entropy: Entropy, sealer: Sealer) -> None:
        super().__init__(reader=reader, entropy=entropy)
        self._entropy = entropy
        self._sealer = sealer
        self.invitations = dict(load_all(reader, InvitationRecord, INVITATIONS))
        self.served = dict(load_all(reader, ServedRecord, SERVED))

    def invitation_doors(self, now_ms: int) -> list[Door]:
        """A door for whoever holds an invitation of mine."""
        return [
            Door(
                name=(INVITATION, key),
                pattern=Pattern.INVITATION,
                static=self.link,
                psk=invitation_psk(invitation.code),
            )
            for key, invitation in self.invitations.items()
            if invitation.expires_ms > now_ms
        ]

    def invite(self, step: Step, command: MakeInvitation, campaign_name: str) -> InvitationView:
        """Raises `OverLimit`, `BadArgument`, `WrongPhase`."""
        self.expire_invitations(step)
        if len(self.invitations) >= INVITATIONS_MAX:
            raise WrongPhase("Too many invitations are open. Revoke some that are not needed any more.")
        reachable = self.onions.on or self.ways.told_person(b"", command.campaign, self.hints)
        if not reachable and not command.by_file:
            raise WrongPhase(
                "This node has no address yet under which others could reach it. "
                "Set one with `meshcoal identity address`, wait until it listens, or make an invitation "
                "that is answered by a file."
            )
        lifetime_ms = command.lifetime_ms or INVITATION_LIFETIME_MS
        if lifetime_ms > INVITATION_LIFETIME_MS_MAX:
            raise BadArgument("An invitation lasts four weeks at the most.")
        code = self._entropy.take(CODE_BYTES)
        # Whole seconds: the text is shorter, and no clock is told to the millisecond.
        expires_ms = (step.now_ms + lifetime_ms) // 1000 * 1000
        key = self._entropy.take(INTRODUCTION_ID_BYTES)
        seed = self._entropy.take(SEALER_SEED_BYTES) if command.by_file else b""
        invitation = Invitation(
            code=code,
            person=self.link.public,
            hints=self.hints_for(step, key, command.campaign),
            expires_ms=expires_ms,
            seal=self._sealer.public_of(seed) if seed else b"",
            mark=campaign_mark(code, command.campaign) if seed else b"",
        )
        kept = InvitationRecord(
            code=code,
            text=encode_invitation(invitation),
            campaign=command.campaign,
            seat=command.seat,
            expires_ms=expires_ms,
            seed=seed,
        )
        self.invitations[key] = kept
        step.put(INVITATIONS, key, kept)
        return self.invitation_view(key, campaign_name)

    def revoke(self, step: Step, key: bytes) -> None:
        """Raises `Unknown`."""
        if key not in self.invitations:
            raise Unknown("There is no such open invitation.")
        self.end_invitation(step, key, ServedWhy.REVOKED)

    def end_invitation(self, step: Step, key: bytes, why: ServedWhy, request: bytes = b"") -> None:
        """It is open no more. `request`: the name of the file that used it, if one did."""
        kept = self.invitations.pop(key)
        step.erase(INVITATIONS, key)
        self.onions.take_back(step, key, now=False)
        if kept.seed and len(self.served) < SERVED_INVITATIONS_MAX:
            until_ms = kept.expires_ms + INVITATION_LIFETIME_MS_MAX
            served = ServedRecord(door=request_door(kept.code), why=why, request=request, until_ms=until_ms)
            self.served[key] = served
            step.put(SERVED, key, served)

    def expire_invitations(self, step: Step) -> None:
        """End what is past its date, and forget what was long ago."""
        for key in [key for key, kept in self.invitations.items() if kept.expires_ms <= step.now_ms]:
            self.end_invitation(step, key, ServedWhy.EXPIRED)
        for key in [key for key, served in self.served.items() if served.until_ms <= step.now_ms]:
            del self.served[key]
            step.erase(SERVED, key)

    def invitation_view(self, key: bytes, campaign_name: str) -> InvitationView:
        kept = self.invitations[key]
        return InvitationView(
            id=key,
            text=kept.text,
            campaign=kept.campaign,
            campaign_name=campaign_name,
            seat=kept.seat,
            expires_ms=kept.expires_ms,
            by_file=bool(kept.seed),
        )
