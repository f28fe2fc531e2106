"""One private Tor network for all tests that need one, made when the first asks for it.

A plug-in, so that modules which name it in `pytest_plugins` share it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2]))

from tornet import TorNet, private_net

from tools import require_tool


@pytest.fixture(scope="session")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TorNet]:
    for tool in ("tor", "tor-gencert", "obfs4proxy"):
        require_tool(tool)
    with private_net(tmp_path_factory.mktemp("tornet") / "n") as net:
        yield net
