"""The row of keys at the bottom of every screen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from textual.widgets._footer import FooterKey

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import LETTER, FakeDaemon
from tuirunning import running

from meshcoal.tui.widgets.bars import KeyRow


async def test_no_key_is_styled_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: a screen comes without delay on a slow machine. Method: open screens, and see that the keys there
    keep the classes that they were made with."""
    changed: list[str] = []
    before = FooterKey.update_node_styles

    def update(key: FooterKey, animate: bool = True) -> None:
        changed.append(key.description)
        before(key, animate)

    monkeypatch.setattr(FooterKey, "update_node_styles", update)
    async with running(FakeDaemon.with_campaign()) as run:
        await run.open_statement(LETTER)
        keys = run.app.screen.query_one(KeyRow).query(FooterKey)
        assert len(keys) > 2
        assert not any(key.compact or key.has_class("-compact") for key in keys)
    assert changed == []
