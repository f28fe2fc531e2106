"""Programs that a test needs from the machine."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def require_tool(name: str) -> str:
    """Path of a program. Missing it fails the test where `CI=true`; elsewhere the test is left out, and
    pytest's summary says so with the reason."""
    # Servers, tor among them, stand in a folder that is not on every PATH.
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if path is None:
        leave_out(f"{name} is not installed on this machine")
    return path


def leave_out(reason: str) -> NoReturn:
    """The machine lacks something: the test fails where `CI=true`, and is left out elsewhere."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and CI must run every test")
    pytest.skip(f"left out: {reason}")
