"""From `@Ben` to a mention by key."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from meshcoal.api.views import MemberState
from meshcoal.client.mentioning import mentioned
from meshcoal.errors import Ambiguous
from meshcoal.ids import short
from meshcoal.limits import MENTIONS_MAX
from meshcoal.wire.post import MENTION

sys.path.insert(0, str(Path(__file__).parents[1] / "tui"))

from tuidouble import member

ANA, BEN, LONG = member("Ana"), member("Ben"), member("Ben Yusuf")
GONE = member("Dov", state=MemberState.LEFT)
ALL = (ANA, BEN, LONG, GONE)


@pytest.mark.parametrize(
    ("text", "plain", "who"),
    [
        ("@Ben, come", f"{MENTION}, come", (BEN,)),
        ("@ben yusuf and @ANA", f"{MENTION} and {MENTION}", (LONG, ANA)),
        ("write to ben@Ana.org", "write to ben@Ana.org", ()),
        ("@Benjamin", "@Benjamin", ()),
        ("@Dov is gone", "@Dov is gone", ()),
        ("@", "@", ()),
        (f"pasted {MENTION} @Ana", f"pasted  {MENTION}", (ANA,)),
        (f"@{short(BEN.author)}!", f"{MENTION}!", (BEN,)),
    ],
)
def test_names_become_keys(text: str, plain: str, who: tuple[object, ...]) -> None:
    """Goal: the longest name that ends with a word, once each. Method: names in names, addresses, cases."""
    assert mentioned(text, ALL) == (plain, tuple([one.author for one in who]))  # type: ignore[attr-defined]


def test_a_name_of_two_is_asked_about() -> None:
    """Goal: nobody is mentioned by guess. Method: two of one name, then the digits of one."""
    twin = dataclasses.replace(member("Twin"), name="Ben")
    with pytest.raises(Ambiguous) as caught:
        mentioned("@Ben", (BEN, twin))
    assert short(BEN.author) in str(caught.value)
    assert mentioned(f"@{short(twin.author)}", (BEN, twin)) == (MENTION, (twin.author,))


def test_no_more_than_fit() -> None:
    """Goal: what is handed over is lawful. Method: mention somebody once more than a message may."""
    text, who = mentioned("@Ana " * (MENTIONS_MAX + 1), ALL)
    assert len(who) == MENTIONS_MAX == text.count(MENTION)
    assert text.endswith("@Ana ")
