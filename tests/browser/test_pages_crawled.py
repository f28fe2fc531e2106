"""Every page that can be reached, over doubles in every state: sound, readable, and harmless."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "tui"))

from crawlwork import Answered, PagesDaemon, crawling
from pagecheck import faults
from test_page_elements import Read
from test_tui_hostile import HostileDaemon, poisoned
from tuidouble import (
    CAMPAIGN,
    DAY_MS,
    GENERAL,
    LETTER,
    NOW_MS,
    FakeDaemon,
    attachment,
    counting,
    draft,
    opened,
    png,
    profile,
    sealing,
    troubled,
    warning,
    withholding,
)

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.browser.gate import IDLE_MS
from meshcoal.errors import DiskFull, Locked, NotPermitted
from meshcoal.wire.record import Record

# What a camera writes: a chunk of text with its length and checksum (PNG, section 11.3.3.3).
PLACE = b"Comment\0Evin, Tehran"
TEXT_CHUNK = len(PLACE).to_bytes(4, "big") + b"tEXt" + PLACE + zlib.crc32(b"tEXt" + PLACE).to_bytes(4, "big")
TALK = (c.PostMessage, c.ReactToMessage, c.PinMessage, c.EditMessage, c.TakeBackMessage)
MODES = (c.NameMode.NAMED, c.NameMode.ADDRESSEE, c.NameMode.ROLE, c.NameMode.COUNTED)


class HostilePages(HostileDaemon, PagesDaemon):
    """Every text anybody's; but for what this device kept itself."""

    def answer(self, command: c.Command) -> Record:
        view = FakeDaemon.answer(self, command)
        changed: Record = view if isinstance(view, v.DraftsView) else poisoned(view)
        return changed


def letter(view: v.StatementView) -> PagesDaemon:
    daemon = PagesDaemon.like(FakeDaemon.with_case())
    daemon.statements[LETTER] = view
    daemon.profiles = [profile()]
    return daemon


def in_trouble() -> PagesDaemon:
    daemon = letter(draft())
    daemon.campaigns[CAMPAIGN] = troubled()
    daemon.warnings = {one.id: one for one in (warning(), withholding())}
    return daemon


def hostile() -> PagesDaemon:
    daemon = HostilePages()
    mine = v.EntryState.COUNTED
    view = opened(ineffective=2, mine=mine, seal=sealing(), unnamed=counting(), modes=MODES)
    daemon.__dict__.update(letter(view).__dict__)
    daemon.warnings = {one.id: one for one in (warning(), withholding())}
    return daemon


def released() -> PagesDaemon:
    actions = (v.Action.EXPORT, v.Action.SIGN_LATE)
    phase, day_ms = v.StatementPhase.RELEASED, NOW_MS - DAY_MS
    return letter(opened(phase=phase, released_ms=day_ms, released_by="Ben", actions=actions))


STATES: dict[str, Callable[[], PagesDaemon]] = {
    "draft": lambda: letter(draft()),
    "open": lambda: letter(opened(modes=MODES, actions=tuple(v.Action))),
    "sealed": lambda: letter(opened(seal=sealing())),
    "counted": lambda: letter(opened(unnamed=counting(), modes=MODES)),
    "released": released,
    "trouble": in_trouble,
    "hostile": hostile,
    "nothing": lambda: PagesDaemon(),
}


@pytest.mark.parametrize("state", STATES)
async def test_every_page_that_links_lead_to(state: str) -> None:
    """Goal: no page is broken, in whatever state. Method: follow every link from the first page; each is read
    strictly and answers with itself or, where a thing is not possible now, with a sentence that says so."""
    async with crawling(STATES[state]()) as crawler:
        seen = await crawler.crawl()
    assert len(seen) > (5 if state == "nothing" else 12)
    for address, answered in seen.items():
        if "sandbox" in answered.headers.get("Content-Security-Policy", ""):
            continue
        assert answered.status in (200, 404, 409), answered.body
        assert faults(answered.body) == [], (address, answered.body)
    wrong = [one.body for one in seen.values() if one.status != 200]
    assert len(wrong) <= 3, [Read(one).text for one in wrong]


async def test_sealing_is_understood_reviewed_and_typed() -> None:
    """Goal: nobody seals by mistake or without the sentences. Method: the wrong number, the wrong word, then
    right; taking it back."""
    daemon = STATES["sealed"]()
    async with crawling(daemon) as crawler:
        page = await crawler.ask(crawler.home)
        page = await crawler.ask(page.address("Free Maryam"))
        page = await crawler.ask((await crawler.ask(page.address("Free"))).address("Sign sealed"))
        assert "No name is shown before 5 of 12 members have signed." in page.body
        refused = await crawler.submit(page, name="Ana's Committee", floor="4", do="review")
        assert refused.status == 422
        assert "our own number is 5 to 12" in refused.body
        review = await crawler.submit(page, name="Ana's Committee", floor="7", do="review")
        assert "Sealed: nobody sees it until 7 have signed." in review.body
        again = await crawler.submit(review, typed="sign", do="sign")
        assert "type exactly: seal" in again.body
        assert not [one for one in daemon.sent if isinstance(one, c.SignSealed)]
        signed = await crawler.submit(again, typed="seal", do="sign")
        [command] = [one for one in daemon.sent if isinstance(one, c.SignSealed)]
        assert (command.floor, command.name) == (7, "Ana's Committee")
        assert "My sealed sign-on is on its way" in signed.body
        back = await crawler.ask(signed.address("Withdraw my signature"))
        assert "You cannot sign this text sealed again." in back.body
        await crawler.submit(back, typed="withdraw", do="withdraw")
        assert [one for one in daemon.sent if isinstance(one, c.WithdrawSealed)]


async def test_being_counted_is_understood_and_typed() -> None:
    """Goal: whoever is counted had the sentences before, and can take it back. Method: as above; and a letter
    that changed between the last look and the word."""
    daemon = STATES["counted"]()
    async with crawling(daemon) as crawler:
        page = await crawler.ask(crawler.home)
        page = await crawler.ask(page.address("Free Maryam"))
        shown = await crawler.ask(page.address("Free"))
        page = await crawler.ask(shown.address("Be counted, and not named"))
        assert "Your name stands nowhere" in page.body
        assert "Whoever opens this device while the letter is open" in page.body
        assert (await crawler.submit(page, typed="sign", do="count")).status == 422
        daemon.statements[LETTER] = dataclasses.replace(daemon.statements[LETTER], digest=bytes(32))
        changed = await crawler.submit(page, typed="count", do="count")
        assert "The letter changed meanwhile" in changed.body
        assert not [one for one in daemon.sent if isinstance(one, c.SignCounted)]
        done = await crawler.submit(changed, typed="count", do="count")
        [command] = [one for one in daemon.sent if isinstance(one, c.SignCounted)]
        assert command.digest == bytes(32)
        back = await crawler.ask(done.address("Withdraw my signature"))
        assert "You cannot be counted on this text again." in back.body
        await crawler.submit(back, typed="withdraw", do="withdraw")
        assert [one for one in daemon.sent if isinstance(one, c.WithdrawCounted)]


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [("named", "for everybody"), ("addressee", "Only the addressee is told"), ("role", "in place of your")],
)
async def test_each_way_of_signing_is_explained_and_sent(mode: str, sentence: str) -> None:
    """Goal: what is chosen is what is signed. Method: each way through both looks, with a profile."""
    daemon = STATES["open"]()
    async with crawling(daemon) as crawler:
        page = await crawler.ask(crawler.home)
        page = await crawler.ask(page.address("Free Maryam"))
        page = await crawler.ask((await crawler.ask(page.address("Free"))).address("Sign"))
        page = await crawler.ask(page.address(daemon.profiles[0].label))
        assert sentence in page.body
        review = await crawler.submit(page, do="review", mode=mode, role="A judge", needs="3 in-country")
        assert sentence in review.body
        assert "It counts only with at least 3 others of this kind: in the country." in review.body
        await crawler.submit(review, typed="sign", do="sign")
    [command] = [one for one in daemon.sent if isinstance(one, c.SignStatement)]
    assert command.mode == mode
    assert command.name == ("A judge" if mode == "role" else daemon.profiles[0].name)
    assert bool(command.logo) == (mode == "named")
    assert command.digest == daemon.statements[LETTER].digest


async def test_a_message_is_answered_changed_and_taken_back() -> None:
    """Goal: talk on pages is the talk of the interface. Method: find a message by a word, answer it with a
    mention, react, pin, change, take back; each command as it was sent."""
    daemon = STATES["draft"]()
    mine = daemon.messages[GENERAL][1]
    daemon.messages[GENERAL][1] = dataclasses.replace(mine, may_change=True, may_take_back=True, me=True)
    async with crawling(daemon) as crawler:
        page = await crawler.ask((await crawler.ask(crawler.home)).address("Search"))
        assert (await crawler.submit(page, words=" ", do="search")).status == 422
        found = await crawler.submit(page, words="Maryam", do="search")
        assert "2 of 9 are left" in found.body
        older = await crawler.submit(found, 1, do="more")
        assert "Older ones" not in older.body
        page = await crawler.ask(found.address("general"))
        assert "What it said before." in page.body
        await crawler.submit(page, text="@Ben we know", do="send")
        channel = await crawler.ask(page.address("# general"))
        label = 'href="([^"]+)" aria-label="Answer, or more with the message of \u2068Ana'
        page = await crawler.ask(re.findall(label, channel.body)[0])
        page = await crawler.submit(page, 1, emoji="\U0001f64f", do="react")
        assert " (you too)" in page.body
        page = await crawler.submit(page, 2, do="pin")
        assert "Pinned by" in page.body
        page = await crawler.submit(page, 3, new_text="I call her sister.", do="change")
        assert "I call her sister." in page.body
        page = await crawler.submit(page, 4, do="back")
        assert "Taken back. Copies may exist elsewhere." in page.body
    talk = [one for one in daemon.sent if isinstance(one, TALK)]
    assert [type(one) for one in talk] == list(TALK)
    posted = talk[0]
    assert isinstance(posted, c.PostMessage)
    assert (posted.text, len(posted.mentions)) == ("\ufffc we know", 1)
    assert posted.reply_to == daemon.messages[GENERAL][0].id
    assert daemon.drafts == {}


async def test_a_file_goes_out_cleaned_and_comes_in_as_bytes() -> None:
    """Goal: a picture tells no place, and a file from others opens nothing. Method: send a picture with what
    a camera wrote into it; save a page of HTML that somebody sent."""
    daemon = STATES["draft"]()
    evil = attachment("../<b>evil.html", 7, state=v.AttachmentState.HERE, risky=True)
    daemon.messages[GENERAL][0] = dataclasses.replace(daemon.messages[GENERAL][0], attachments=(evil,))
    async with crawling(daemon) as crawler:
        page = await crawler.ask((await crawler.ask(crawler.home)).address("Free Maryam"))
        page = await crawler.ask(page.address("# general"))
        assert "can do harm when opened" in page.body
        saved = await crawler.ask(*saving(page))
        assert saved.headers["Content-Type"] == "application/octet-stream"
        assert saved.headers["Content-Disposition"].startswith("attachment;")
        assert "<" not in saved.headers["Content-Disposition"]
        assert saved.headers["Content-Security-Policy"].startswith("sandbox")
        address, held = page.forms()[-1]
        camera = png(between=TEXT_CHUNK)
        sent = await crawler.ask(address, held | {"text": "See", "do": "send"}, file=("a.png", camera))
        assert sent.status == 303, sent.body
    [handed] = [one for one in daemon.sent if isinstance(one, c.AppendUpload)]
    assert TEXT_CHUNK in camera
    assert TEXT_CHUNK not in handed.data
    [posted] = [one for one in daemon.sent if isinstance(one, c.PostMessage)]
    assert len(posted.attachments) == 1


def saving(page: Answered) -> tuple[str, dict[str, str]]:
    """The form that saves a file, and what its button adds."""
    address = re.findall(r'<form method="post" action="([^"]+)" aria-label="Save', page.body)[0]
    [held] = [held for found, held in page.forms() if found == address]
    return address, held | {"do": "save"}


async def test_a_page_on_which_nothing_is_typed_empties_itself() -> None:
    """Goal: a forgotten tab shows nothing for ever. Method: what a page tells the browser; one with a field
    for text must not be loaded anew, or what is written there would be lost."""
    async with crawling(STATES["open"]()) as crawler:
        for answered in (await crawler.crawl()).values():
            written = "<textarea" in answered.body or 'type="text"' in answered.body
            assert answered.headers["Cache-Control"] == "no-store"
            if answered.status == 200 and not written:
                assert int(answered.headers["Refresh"]) * 1_000 > IDLE_MS
            else:
                assert "Refresh" not in answered.headers


async def test_what_is_refused_is_kept() -> None:
    """Goal: a text outlives every failure. Method: the disk is full, then the vault is locked by others; each
    time what was written comes back, and a draft of it is kept where that can be."""
    daemon = STATES["draft"]()
    async with crawling(daemon) as crawler:
        page = await crawler.ask(crawler.home)
        campaign = await crawler.ask(page.address("Free Maryam"))
        page = await crawler.ask(campaign.address("Draft a letter"))
        daemon.refuse[c.DraftStatement] = DiskFull("the disk is full")
        refused = await crawler.submit(page, language="en", title="Five", text="\n\nText\r\nmore", do="save")
        assert "disk-full" in refused.body
        assert refused.forms()[0][1]["text"] == "\n\nText\nmore"
        assert len(daemon.drafts) == 1
        daemon.refuse[c.DraftStatement] = Locked("the vault is locked")
        cover = await crawler.submit(refused, do="save")
        assert "Five" not in Read(cover.body).text
        assert 'value="Five"' in cover.body
        back = await crawler.submit(cover, passphrase=daemon.passphrase)
        crawler.cookie = crawler.pages.gate._cookie
        assert "Nothing was sent while this was hidden" in back.body
        drafts = await crawler.ask((await crawler.ask(crawler.home)).address("Drafts"))
        assert "Five" in drafts.body
        page = await crawler.ask(campaign.address("Draft a letter"))
        daemon.refuse[c.DraftStatement] = NotPermitted("no")
        assert (await crawler.submit(page, form=1, do="save")).status == 422
        await crawler.submit(page, form=1, do="save")
        assert daemon.drafts == {}
        assert [one.title for one in daemon.sent if isinstance(one, c.DraftStatement)][-1] == "Five"


async def test_every_word_comes_from_the_catalogue() -> None:
    """Goal: nothing of the pages stays English in another language. Method: all pages in a language of marks,
    in a process of its own, for tables of words are made once; whatever stands outside marks is told."""
    script = str(Path(__file__).parent / "pseudocrawl.py")
    ended = await asyncio.to_thread(
        subprocess.run, [sys.executable, script], capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == ""
