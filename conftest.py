"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# Else an example that takes 200 ms fails, and a busy machine makes any of them take that.
settings.register_profile("patient", parent=settings(), deadline=None)
settings.load_profile("patient")
