"""What a user can ask about sealed and counted sign-ons, and about members whom they verify in person.

Law: as in `api.commands`, which is where clients take these from.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.api.fields import Command
from meshcoal.api.signing import SigningCommand
from meshcoal.limits import MEMBERS_MAX
from meshcoal.wire.record import Id32, Range
from meshcoal.wire.shape import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowMemberWords(Command):
    """Twelve words to read to a member and to hear from them, in person. `MemberWordsView`."""

    campaign: Id32
    author: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmMember(Command):
    """Say whether those words matched: from now on they are verified in person, or not. `MemberWordsView`."""

    campaign: Id32
    author: Id32
    match: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignSealed(SigningCommand):
    """Sign the frozen text with this digest so that nobody sees it until enough have. `StatementView`."""

    floor: Annotated[int, Range(0, MEMBERS_MAX)] = 0  # not before so many have signed; 0: as for all


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawSealed(Command):
    """Take a sealed sign-on back that is not opened; there is no other for this text. `StatementView`."""

    campaign: Id32
    statement: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class SignCounted(Command):
    """Sign the frozen text with this digest as one who is counted and not named. `StatementView`."""

    campaign: Id32
    statement: Id32
    digest: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawCounted(Command):
    """Be counted no more; there is no other counted sign-on for this text. `StatementView`."""

    campaign: Id32
    statement: Id32
