"""What Python looks at in search of garbage while a node is up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
TOLD = """
import gc, json, sys
sys.path.insert(0, sys.argv[1])
from meshcoal.daemon import garbage
told = [(gc.get_freeze_count(), gc.get_threshold())]
for step in (garbage.leave_out, garbage.take_back):
    step()
    told.append((gc.get_freeze_count(), gc.get_threshold()))
print(json.dumps(told))
"""


def test_what_stands_is_left_out_until_the_node_is_gone() -> None:
    """Goal: no search through everything while somebody talks. Method: what a Python of its own says it left
    out; in this one other tests set how often it looks."""
    done = subprocess.run(
        [sys.executable, "-c", TOLD, str(SOURCE)], capture_output=True, text=True, check=True, timeout=60
    )
    (before, usual), (left_out, seldom), (after, again) = json.loads(done.stdout)
    assert left_out > before == after == 0
    assert seldom > usual == again
