"""The last look before being counted: exactly what is signed, among how many, and the risk that is left."""

from __future__ import annotations

from meshcoal.api.commands import SignCounted
from meshcoal.api.views import CountedView, StatementView
from meshcoal.tui import shown
from meshcoal.tui.locale import _
from meshcoal.tui.screens.sign import ExactScreen
from meshcoal.tui.sentences import counted_sentences
from meshcoal.tui.widgets.plain import Styled, lines, styled

COUNT_WORD = _("count")


class CountScreen(ExactScreen):
    """Answers the letter on which I am being counted."""

    def __init__(self, command: SignCounted, view: StatementView, count: CountedView) -> None:
        super().__init__(view, word=COUNT_WORD)
        assert command.digest == view.digest, "what is shown is what is signed"
        self._command = command
        self._count = count

    def _sent(self) -> SignCounted:
        return self._command

    def _signer(self) -> Styled:
        digest = _("Digest %(digest)s   Deadline %(deadline)s") % {
            "digest": shown.short_digest(self._command.digest),
            "deadline": shown.exact(self._view.deadline_ms, zone=self.mesh.zone),
        }
        told = [f"· {sentence}" for sentence in counted_sentences(self._count)]
        return lines([styled((_("Counted, and not named"), "bold")), *told, digest])
