"""Weak spots of this device, the weightiest first; Enter goes to where the chosen one is mended.

Law: the list is what is known, and says that it is no more; an empty one is no promise.
"""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult

from meshcoal.api.views import FindingView, NoticeKind
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.posture import BESIDE, DANGERS, NOTHING, WEIGHTS, look_for_weakness, told
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.doors import go_through
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, say, styled


class PostureScreen(MeshScreen[None]):
    """What is weak, why it matters, what to do."""

    PLACE = "posture"
    CONCERNS = frozenset(
        {
            NoticeKind.STATUS,
            NoticeKind.PEERS,
            NoticeKind.RELAYS,
            NoticeKind.CAMPAIGN,
            NoticeKind.CAMPAIGNS,
            NoticeKind.CONTACTS,
            NoticeKind.INTRODUCTIONS,
            NoticeKind.WARNINGS,
        }
    )
    BINDINGS = bindings("posture")

    def __init__(self) -> None:
        super().__init__()
        self._findings: tuple[FindingView, ...] = ()

    def body(self) -> ComposeResult:
        yield PlainOptions(id="findings")
        yield PlainStatic("", id="beside", classes="note")

    def on_mount(self) -> None:
        self.head(_("Weak spots, the weightiest first"))

    async def load(self) -> Callable[[], None]:
        found = await look_for_weakness(self.mesh.session.send, self.mesh.settings)
        return lambda: self.show(found)

    def show(self, findings: tuple[FindingView, ...]) -> None:
        """Draw them."""
        self._findings = findings
        rows = self.query_one("#findings", PlainOptions)
        rows.display = bool(findings)
        rows.fill([Row(_key(one), _drawn(one)) for one in findings])
        self.query_one("#beside", PlainStatic).show(BESIDE if findings else NOTHING)

    @on(PlainOptions.OptionSelected)
    def action_open(self) -> None:
        chosen = self.query_one("#findings", PlainOptions).chosen
        found = next((one for one in self._findings if _key(one) == chosen), None)
        if found is None:
            return
        words = told(found)
        if words.door:
            go_through(self, words.door, found.campaign)
        else:
            say(self.app, words.do)


def _key(one: FindingView) -> str:
    return f"{one.weakness.value} {one.campaign.hex()}"


def _drawn(one: FindingView) -> Styled:
    words = told(one)
    return styled(
        (f"{WEIGHTS[one.weight]}  ", "bold"),
        (words.what, "bold"),
        ("\n" + DANGERS[one.danger] + ": ", "dim"),
        words.why,
        "\n→ ",
        words.do,
    )
