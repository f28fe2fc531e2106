"""What a user asks about saving battery and data.

Law: as in `node.commands`.
"""

from __future__ import annotations

from meshcoal.api import saving as ask
from meshcoal.errors import WrongPhase
from meshcoal.node.commands import Commands, handles
from meshcoal.node.saving import SavingRecord
from meshcoal.node.step import Step
from meshcoal.wire.record import Record


@handles(ask.ShowData)
def _show_data(self: Commands, step: Step, command: ask.ShowData) -> Record:
    return self.core.saving.view(step.now_ms)


@handles(ask.SetSaving)
def _set_saving(self: Commands, step: Step, command: ask.SetSaving) -> Record:
    choice = SavingRecord(
        saving=command.saving,
        day_bytes_max=command.day_bytes_max,
        month_bytes_max=command.month_bytes_max,
    )
    if command.saving and self.core.links.steady.on:
        raise WrongPhase(
            "This device sends at a constant rate, which takes data all the time. Switch that off first: "
            "`meshcoal steady off`."
        )
    self.core.saving.choose(step, choice)
    self.core.refresh_targets(step)
    return self.core.saving.view(step.now_ms)
