"""What is being written and not sent yet, kept for the user's programs across lock and restart.

Law: under the vault, on this device, and nowhere else; the node does not look inside. What was to be said
in talk goes when talk of its age does (`node.talk`). What is sent from a draft is sent once: the draft is
erased in the step that sends it, and nothing is sent of a draft that is gone.
"""

from __future__ import annotations

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.errors import OverLimit
from meshcoal.limits import DRAFTS_MAX
from meshcoal.node.commands import Commands, handles
from meshcoal.node.records import DRAFTS, DraftRecord, load_all
from meshcoal.node.step import Step
from meshcoal.wire.record import Record


@handles(ask.KeepDraft)
def _keep_draft(self: Commands, step: Step, command: ask.KeepDraft) -> Record:
    kept = _drafts(self)
    if command.slot not in kept and len(kept) >= DRAFTS_MAX:
        raise OverLimit(f"A device keeps at most {DRAFTS_MAX} drafts: send or delete some.")
    draft = DraftRecord(slot=command.slot, body=command.body, at_ms=step.now_ms, campaign=command.campaign)
    step.put(DRAFTS, command.slot.encode(), draft)
    return _view({**kept, command.slot: draft})


@handles(ask.DropDraft)
def _drop_draft(self: Commands, step: Step, command: ask.DropDraft) -> Record:
    kept = _drafts(self)
    if kept.pop(command.slot, None) is not None:
        step.erase(DRAFTS, command.slot.encode())
    return _view(kept)


@handles(ask.ListDrafts)
def _list_drafts(self: Commands, step: Step, command: ask.ListDrafts) -> Record:
    return _view(_drafts(self))


def _drafts(self: Commands) -> dict[str, DraftRecord]:
    return {draft.slot: draft for _, draft in load_all(self.core.reader, DraftRecord, DRAFTS)}


def _view(kept: dict[str, DraftRecord]) -> show.DraftsView:
    newest = sorted(kept.values(), key=lambda draft: (-draft.at_ms, draft.slot))
    return show.DraftsView(
        drafts=tuple([show.DraftView(slot=one.slot, body=one.body, at_ms=one.at_ms) for one in newest])
    )
