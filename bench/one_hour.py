"""From a frozen text to every node showing every signature: how long, when a third are hardly ever there.

    python bench/one_hour.py [--members 40] [--here-minutes 5] [--loss 0.02] [--seeds 3] [--quick]

Law: whole nodes in the simulator, with cheap keys; links as over Tor, 300 ms each way, and one frame in
fifty is lost, which breaks its link, as a lost circuit does (a lost packet would only be sent again). A
third of the members are on for some minutes of each hour. An organiser freezes the letter; everybody signs
within the first ten minutes in which they are on and have seen it, those of few minutes in the first half
of them. No node can show all before the last member has signed: `last_signed_minutes`.
"""

from __future__ import annotations

from random import Random

from common import arguments, median, progress, quantile, report

from meshcoal.api.commands import (
    Capacity,
    DraftStatement,
    FreezeStatement,
    ListStatements,
    ShowStatement,
    SignStatement,
)
from meshcoal.api.views import StatementsView, StatementView
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from meshcoal.errors import MeshcoalError
from meshcoal.ids import CampaignId
from meshcoal.sim.convergence import settle
from meshcoal.sim.crowd import Crowd, Plan
from meshcoal.sim.network import Faults

RARE = 3  # each third member
LOOK_MS = 5 * SECOND_MS
HOURS_MAX = 12


class Hour:
    """One letter among one crowd."""

    def __init__(self, *, members: int, here_ms: int, loss: float, seed: int) -> None:
        self.crowd = Crowd(Plan(members=members, messages=0, removals=0, joins=0, seed=seed))
        self.world = self.crowd.world
        self.campaign: CampaignId = self.crowd.form()
        settle(self.world, limit_ms=10 * MINUTE_MS)
        self.names = list(self.crowd.inside)
        chance = Random(f"{seed} one hour")
        self.chance = chance
        self.here_ms = here_ms
        self.from_ms = {
            name: chance.randrange(HOUR_MS) if number % RARE == RARE - 1 else -1
            for number, name in enumerate(self.names)
        }
        self.world.set_faults(Faults(delay_ms=(280, 320), loss=loss, breaking_ms=(0, 5_000)))

    def is_on(self, name: str, since_ms: int) -> bool:
        start_ms = self.from_ms[name]
        return start_ms < 0 or (since_ms - start_ms) % HOUR_MS < self.here_ms

    def run(self) -> tuple[list[float], float, int]:
        """Minutes until each node showed all signatures, until the last one signed; frames."""
        founder = self.names[0]
        draft = DraftStatement(campaign=self.campaign, language="en", title="Free her", text="Sir,")
        letter = self.world.command(founder, draft, StatementView).id
        freeze = FreezeStatement(
            campaign=self.campaign,
            statement=letter,
            revisions=(),
            addressees=("The Minister",),
            deadline_ms=self.world.now_ms + DAY_MS,
        )
        digest = self.world.command(founder, freeze, StatementView).digest
        frames, began_ms = self.world.network.frames, self.world.now_ms
        on = dict.fromkeys(self.names, True)
        seen_ms: dict[str, int] = {}  # when the member had the letter before them
        waits_ms = {name: self.chance.randrange(10 * MINUTE_MS) for name in self.names}
        signed: dict[str, int] = {}
        shown: dict[str, int] = {}
        while len(shown) < len(self.names):
            since_ms = self.world.now_ms - began_ms
            assert since_ms < HOURS_MAX * HOUR_MS, "never whole"
            for name in self.names:
                if self.is_on(name, since_ms) != on[name]:
                    on[name] = not on[name]
                    (self.world.online if on[name] else self.world.offline)(name)
            for name in self.names:
                if name in shown or not on[name]:
                    continue
                view = self._letter(name, letter)
                if view is None or not view.digest:
                    continue
                seen_ms.setdefault(name, since_ms)
                wait_ms = waits_ms[name] if self.from_ms[name] < 0 else min(waits_ms[name], self.here_ms // 2)
                if name not in signed and since_ms - seen_ms[name] >= wait_ms:
                    self._sign(name, letter, digest)
                    signed[name] = since_ms
                if view.tally.counted == len(self.names):
                    shown[name] = since_ms
            self.world.run_ms(LOOK_MS)
        minutes = sorted([at_ms / MINUTE_MS for at_ms in shown.values()])
        return minutes, max(signed.values()) / MINUTE_MS, self.world.network.frames - frames

    def _letter(self, name: str, letter: bytes) -> StatementView | None:
        listed = self.world.look(name, ListStatements(campaign=self.campaign), StatementsView).statements
        if not any(one.id == letter for one in listed):
            return None
        command = ShowStatement(campaign=self.campaign, statement=letter)
        return self.world.look(name, command, StatementView)

    def _sign(self, name: str, letter: bytes, digest: bytes) -> None:
        command = SignStatement(
            campaign=self.campaign,
            statement=letter,
            digest=digest,
            capacity=Capacity.ORGANISATION,
            name=f"The {name} Centre",
        )
        try:
            self.world.command(name, command, StatementView)
        except MeshcoalError as exc:
            raise AssertionError(f"{name} could not sign: {exc}") from exc


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--members", type=int, default=40)
    parser.add_argument("--here-minutes", type=int, default=5)
    parser.add_argument("--loss", type=float, default=0.02)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a dozen members, one seed")
    chosen = parser.parse_args()
    members, seeds = (12, 1) if chosen.quick else (chosen.members, chosen.seeds)
    tell = progress("seeds")
    halves, worst, last, frames = [], [], [], []
    for seed in range(1, seeds + 1):
        hour = Hour(members=members, here_ms=chosen.here_minutes * MINUTE_MS, loss=chosen.loss, seed=seed)
        minutes, signed, sent = hour.run()
        halves.append(quantile(minutes, 0.5))
        worst.append(minutes[-1])
        last.append(signed)
        frames.append(sent / members)
        tell(seed)
    report(
        "one_hour",
        members=members,
        rarely_there=members // RARE,
        here_minutes=chosen.here_minutes,
        loss=chosen.loss,
        seeds=seeds,
        median_minutes=median(halves),
        worst_minutes=max(worst),
        last_signed_minutes=median(last),
        worst_behind_last_signed_minutes=max(w - s for w, s in zip(worst, last, strict=True)),
        frames_per_node=median(frames),
    )


if __name__ == "__main__":
    main()
