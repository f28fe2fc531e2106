"""What needs me now: the list at the top of the first screen.

Law: it shows what the daemon worked out, in its order; Enter on an item goes to where it is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from meshcoal.api.views import TodayItemView, TodayKind
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.widgets.plain import PlainOptions, Row, Styled, name, styled


class TodayList(PlainOptions):
    """Hidden where nothing needs me."""

    def __init__(self) -> None:
        super().__init__(id="today")
        self.items: tuple[TodayItemView, ...] = ()
        self.display = False

    def tell(self, items: Sequence[TodayItemView], *, now_ms: int, zone: tzinfo | None) -> None:
        """Draw these, the most urgent first."""
        self.items = tuple(items)
        self.display = bool(items)
        self.fill([Row(str(at), _draw(one, now_ms, zone)) for at, one in enumerate(self.items)])

    @property
    def item(self) -> TodayItemView | None:
        """The chosen one."""
        return None if self.chosen is None else self.items[int(self.chosen)]


def _draw(one: TodayItemView, now_ms: int, zone: tzinfo | None) -> Styled:
    facts = [name(one.campaign_name, 24)] if one.campaign else []
    if one.until_ms >= 0:
        facts.append(shown.until(one.until_ms, now_ms=now_ms))
    elif one.since_ms >= 0:
        facts.append(shown.moment(one.since_ms, now_ms=now_ms, zone=zone))
    title = f"  {name(one.title, 50)}" if one.title else ""
    return styled((_words(one), "bold"), title, ("  " + "  ".join(facts), "dim"))


def _words(one: TodayItemView) -> str:
    count = {"count": one.count}
    match one.kind:
        case TodayKind.ALERT:
            return _("! Alert, unanswered")
        case TodayKind.SIGN:
            return _("✎ Letter to sign")
        case TodayKind.APPROVE:
            return _("! Waits for your decision")
        case TodayKind.WARNING:
            words = ngettext("! %(count)d warning", "! %(count)d warnings", one.count)
            return words % count
        case TodayKind.INTRODUCTION:
            words = ngettext("! %(count)d wants to come in", "! %(count)d want to come in", one.count)
            return words % count
        case TodayKind.MENTION:
            return _("● Mentions you")
        case TodayKind.DUE:
            return _("! Time to ask again")
        case TodayKind.GAP:
            words = ngettext("! %(count)d message is missing", "! %(count)d messages are missing", one.count)
            return words % count
        case TodayKind.ALONE:
            return _("· You are the only organiser: make another one")
        case TodayKind.UNCOMPARED:
            words = ngettext(
                "· %(count)d member with whom you compared no words",
                "· %(count)d members with whom you compared no words",
                one.count,
            )
            return words % count
        case TodayKind.WEAK:
            # Translators: a weak spot that weighs is a serious one; slight ones are not counted here.
            words = ngettext(
                "· %(count)d weak spot of this device that weighs: see what, and mend it",
                "· %(count)d weak spots of this device that weigh: see what, and mend them",
                one.count,
            )
            return words % count
