"""One command, `make paths`: a campaign of eight over every way, told as it goes.

Law: it needs no rights but those of making namespaces: without root it asks the kernel for a user namespace
in which it may. Nothing is left when it ends. Exit code 0: all eight ended equal; 1: they did not; 3: this
machine cannot play it.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(ROOT / "src"))

CANNOT: Final = 3
TOOLS: Final = ("ip", "unshare", "tor", "tor-gencert", "obfs4proxy", "chromium", "pdftoppm")
_MODULES: Final = ("segno", "PIL", "zxingcpp")
# `ip netns` keeps names in /run/netns, where only root can write: so another /run, which ends with this.
_SCRIPT: Final = 'mount -t tmpfs none /run && exec "$0" "$@"'


def main() -> int:
    parser = argparse.ArgumentParser(description="A campaign of eight nodes over every way there is.")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave homes, sticks and sheets there")
    parser.add_argument("--short", action="store_true", help="let Hiba join in the hall, not on paper")
    given = parser.parse_args()
    keep: Path | None = given.keep
    lacking = [tool for tool in TOOLS if _path(tool) is None]
    lacking += [module for module in _MODULES if importlib.util.find_spec(module) is None]
    if lacking:
        return _cannot(f"it lacks {', '.join(lacking)}")
    if os.geteuid() != 0:
        _enter_user_namespace()
    told = _namespaces()
    if told:
        return _cannot(f"it may make no network namespaces: {told}")
    from eightplay import Play

    folder = keep or Path(tempfile.mkdtemp(prefix="mc-"))  # short: a socket's path is
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        asyncio.run(Play(folder.resolve(), _say, short=given.short).run())
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _enter_user_namespace() -> None:
    """Begin again as root of a user namespace of its own; return where the kernel permits none."""
    unshare = _path("unshare")
    assert unshare is not None
    words = [unshare, "--map-root-user", "--mount", "--net", "sh", "-c", _SCRIPT]
    if subprocess.run([*words, "true"], check=False, capture_output=True).returncode == 0:
        os.execv(unshare, [*words, sys.executable, str(Path(__file__).resolve()), *sys.argv[1:]])


def _namespaces() -> str:
    """What stands in the way of a namespace with a cable; empty: nothing."""
    name = f"mc{os.getpid()}try"
    for words in (
        ("netns", "add", name),
        ("-n", name, "link", "add", "one", "type", "veth", "peer", "name", "other"),
        ("netns", "delete", name),
    ):
        done = subprocess.run([_path("ip") or "ip", *words], check=False, capture_output=True, text=True)
        if done.returncode:
            return done.stderr.strip()
    return ""


def _path(tool: str) -> str | None:
    return shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _cannot(why: str) -> int:
    _say(f"This machine cannot play it: {why}.")
    return CANNOT


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
