"""The reactions that have a word of their own; any other emoji may be given as it is."""

from __future__ import annotations

from typing import Final

# None of them needs a joiner or a style: terminals agree on how wide these are.
REACTIONS: Final = {"yes": "👍", "no": "👎", "thanks": "🙏", "done": "✅", "sad": "😢", "question": "❓"}


def emoji_of(given: str) -> str:
    """The emoji that a person meant: by its word, or as it is."""
    return REACTIONS.get(given.strip().casefold(), given.strip())
