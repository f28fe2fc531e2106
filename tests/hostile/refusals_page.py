"""Print docs/protocol/refusals.md.

PYTHONPATH=src python tests/hostile/refusals_page.py > docs/protocol/refusals.md
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from refusals import table
from refusalwork import page

if __name__ == "__main__":
    sys.stdout.write(page(table()))
