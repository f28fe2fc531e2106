"""The command palette: every action of the screen in front, by name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider

from meshcoal.tui.actions import Action, actions_at


class ActionPalette(CommandPalette):
    """In a window so low that no row of the list is seen, Textual's list cannot move by a page."""

    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).scrollable_content_region.height:
            super()._action_command_list(action)


class ActionProvider(Provider):
    """Finds actions in the registry; labels and help are ours, so no foreign text comes here."""

    def _actions(self) -> Iterator[Action]:
        place = getattr(self.screen, "PLACE", "")
        for action in actions_at(place):
            if action.name == "command_palette":
                continue
            target = self.screen if place in action.places else self.app
            if target.check_action(action.name, ()) is not False:
                yield action

    def _run(self, action: Action) -> partial[bool]:
        target = "screen" if getattr(self.screen, "PLACE", "") in action.places else "app"
        return partial(self.app.call_later, self.app.run_action, f"{target}.{action.name}")

    async def discover(self) -> Hits:
        for action in self._actions():
            yield DiscoveryHit(_title(action), self._run(action), help=action.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action in self._actions():
            score = max(matcher.match(_title(action)), matcher.match(action.help))
            if score > 0:
                yield Hit(score, matcher.highlight(_title(action)), self._run(action), help=action.help)


def _title(action: Action) -> str:
    return f"{action.label}  ({action.shown_key})" if action.keys else action.label
