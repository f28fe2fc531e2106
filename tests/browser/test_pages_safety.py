"""Settings and weak spots as pages: sentences, forms that ask again, links to where it is mended."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tui"))
sys.path.insert(0, str(Path(__file__).parent))

from crawlwork import Crawler, PagesDaemon, crawling
from tuidouble import FakeDaemon
from tuisettings import WEAK

from meshcoal.api import commands as c


async def page(crawler: Crawler, heading: str) -> str:
    """Where the page with this heading stands, of those that links lead to."""
    [found] = [path for path, one in (await crawler.crawl()).items() if f"{heading}</h1>" in one.body]
    return found


def daemon() -> PagesDaemon:
    made = PagesDaemon.like(FakeDaemon.with_campaign())
    made.findings = WEAK
    return made


async def test_a_choice_that_guards_less_is_said_to_be_known() -> None:
    """Goal: nothing weakens by a slip. Method: to Tor alone; back without the mark, and with it."""
    double = daemon()
    async with crawling(double) as crawler:
        address = await page(crawler, "Ways to others")
        shown = await crawler.ask(address)
        assert "Now: Your device reaches others by plain addresses alone." in shown.body
        chosen = await crawler.submit(shown, choice="tor", do="choose")
        assert "It holds from now on." in chosen.body
        assert "Your device reaches others through Tor alone." in chosen.body
        again = await crawler.ask(address)
        refused = await crawler.submit(again, choice="plain", do="choose")
        assert "guards you less than what holds now: say" in refused.body
        assert double.sent.count(c.ChoosePaths(only_tor=False)) == 0
        await crawler.submit(again, choice="plain", sure="less", do="choose")
        assert double.sent.count(c.ChoosePaths(only_tor=False)) == 1


async def test_weak_spots_stand_in_order_with_links() -> None:
    """Goal: the same list as in the terminal. Method: five findings; their order and one link each."""
    async with crawling(daemon()) as crawler:
        shown = (await crawler.ask(await page(crawler, "Weak spots, the weightiest first"))).body
        places = [
            shown.index(words) for words in ("2 warnings were", "9 days", "2 of 3 members", "1 invitation")
        ]
        assert places == sorted(places)
        assert "cannot know" in shown
        assert (
            "Use Tor alone, if a tor program is on this machine and the others have Tor as well.</a>" in shown
        )
