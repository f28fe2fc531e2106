"""Programs that a test needs from the machine."""

from __future__ import annotations

import os
import shutil

import pytest


def require_tool(name: str) -> str:
    """Path of a program. Missing it fails the test where `CI=true`; elsewhere the test is left out, and
    pytest's summary says so with the reason."""
    path = shutil.which(name)
    if path is not None:
        return path
    if os.environ.get("CI") == "true":
        pytest.fail(f"{name} is not installed, and CI must run every test")
    pytest.skip(f"left out: {name} is not installed on this machine")
