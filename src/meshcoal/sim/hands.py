"""What a user's hands can do: look at what their own node shows, and give it commands.

Law: every refusal with a `LocalError` is an expected answer, and is counted; anything else ends the world.
"""

from __future__ import annotations

from random import Random
from typing import TypeVar

from meshcoal.api.commands import Command, ListCampaigns, ListStatements, ShowCampaign, ShowStatement
from meshcoal.api.views import (
    CampaignsView,
    CampaignView,
    MemberState,
    StatementPhase,
    StatementsView,
    StatementView,
)
from meshcoal.clock import MINUTE_MS
from meshcoal.errors import LocalError
from meshcoal.sim.broken import Broken
from meshcoal.sim.invariants import CANARY
from meshcoal.sim.machine import Crashed, Unanswered
from meshcoal.sim.world import World
from meshcoal.wire.record import Record

V = TypeVar("V", bound=Record)
T = TypeVar("T")


class Hands:
    """The users of a world, whose choices are drawn by lot."""

    def __init__(self, world: World, chance: Random) -> None:
        self.world = world
        self.done: dict[str, int] = {}  # action -> how often it was done
        self.refused: dict[str, int] = {}  # error code -> how often a user was told no
        self._chance = chance
        self._serial = 0

    def _do(self, name: str, command: Command, view: type[V]) -> V | None:
        """Give a command; None where it was refused, or where nobody can tell whether it was done."""
        what = type(command).__name__
        try:
            answer = self.world.command(name, command, view, wait_ms=MINUTE_MS)
        except LocalError as error:
            self.refused[error.code] = self.refused.get(error.code, 0) + 1
            return None
        except Crashed:
            return None
        except Unanswered:
            raise Broken("answers", f"{what} at {name} was not answered within a minute") from None
        self.done[what] = self.done.get(what, 0) + 1
        return answer

    def _text(self, words: int = 6) -> str:
        self._serial += 1
        return f"{CANARY} {self._serial} " + " ".join(
            self._chance.choice(("gate", "نامه", "trial", "信", "Brief", "family")) for _ in range(words)
        )

    def _pick(self, items: tuple[T, ...] | list[T]) -> T | None:
        return self._chance.choice(items) if items else None

    def _campaign(self, name: str) -> CampaignView | None:
        """One campaign this user takes part in."""
        chosen = self._pick(self._campaigns(name))
        if chosen is None:
            return None
        view = self.world.look(name, ShowCampaign(campaign=chosen), CampaignView)
        return view if view.channels else None  # admitted, and nothing has arrived yet

    def _statement(self, name: str, *phases: StatementPhase) -> StatementView | None:
        view = self._campaign(name)
        if view is None:
            return None
        listed = self.world.look(name, ListStatements(campaign=view.id), StatementsView).statements
        chosen = self._pick([one.id for one in listed if not phases or one.phase in phases])
        if chosen is None:
            return None
        return self.world.look(name, ShowStatement(campaign=view.id, statement=chosen), StatementView)

    def _campaigns(self, name: str) -> list[bytes]:
        """Campaigns that a running node takes part in."""
        if not self.world.machines[name].up:
            return []
        listed = self.world.look(name, ListCampaigns(), CampaignsView).campaigns
        return [one.id for one in listed if one.state is MemberState.ACTIVE]
