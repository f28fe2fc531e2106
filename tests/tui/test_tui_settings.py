"""Settings as sentences: what holds, what is asked again, what goes where; and weak spots, one key away."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import sys
from pathlib import Path
from typing import TypeVar

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tuidouble import CAMPAIGN, FakeDaemon, tor_view
from tuirunning import Running, running
from tuisettings import WEAK, finding

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.errors import BadArgument
from meshcoal.tui import posture
from meshcoal.tui.interface_settings import INTERFACE
from meshcoal.tui.node_settings import all_settings, setting_of
from meshcoal.tui.posture import told
from meshcoal.tui.screens.settings import SettingScreen
from meshcoal.tui.setting import Choice, Group, Known, choose, look, of_interface
from meshcoal.tui.settings import Settings, read_settings, write_settings
from meshcoal.tui.widgets.plain import PlainOptions, PlainText
from meshcoal.wire.record import Record

V = TypeVar("V", bound=Record)
GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "settings.md"


def known_of(daemon: FakeDaemon, settings: Settings | None = None) -> Known:
    """Everything that settings are told from."""

    async def ask() -> Known:
        client = await daemon.connect()

        async def send(command: c.Command, _kind: object, /) -> object:
            return await client.send(command)

        return await look(send, settings or Settings())  # type: ignore[arg-type]  # the double's views

    return asyncio.run(ask())


def with_relays() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.relays = (
        v.RelayView(
            address="relay.example.org:7700", named_by="Ana", mine=True, closing=False,
            state=v.RelayState.WORKING, last_error="", answered_ms=1, taken_ms=1, waiting=0,
            fault=v.RelayFault.NONE, fault_ms=-1, keeps_back=0, through_tor=False, kept_days=14,
        ),
    )  # fmt: skip
    return daemon


def test_every_setting_says_what_holds_and_what_comes_of_each_choice() -> None:
    """Goal: no setting without its sentences. Method: all there are; names once; choices whole sentences."""
    known = known_of(with_relays())
    found = all_settings(known)
    assert len({one.name for one in found}) == len(found)
    assert {one.group for one in found} == set(Group)
    for one in found:
        assert re.fullmatch(r"[a-z][a-z0-9-]*", one.name)
        assert one.now(known).endswith("."), one.name
        choices = one.choices(known)
        assert bool(choices) + bool(one.door) + bool(one.why) == 1, one.name
        assert (one.field != "") + (one.steps is not None) == bool(choices), one.name
        for choice in choices:
            assert choice.holds.rstrip().endswith((".", "。")), one.name
            assert choice.means.endswith("."), one.name
        if choices:
            held = one.choice(known)
            assert held is not None
            assert held.holds == one.now(known)


def test_the_guide_names_every_setting() -> None:
    """Goal: docs/guide/settings.md is complete. Method: look for each name."""
    page = GUIDE.read_text(encoding="utf-8")
    for one in all_settings(known_of(with_relays())):
        called = re.sub(r"-[0-9a-f]{8}$", "-CAMPAIGN", one.name)
        assert f"`{called}`" in page, one.name


def test_every_field_of_the_interface_is_a_setting() -> None:
    """Goal: nothing is kept that nobody sees. Method: compare the fields kept with the list of settings."""
    fields = {one.name for one in dataclasses.fields(Settings)}
    assert {one.field for one in INTERFACE} <= fields
    assert fields - {one.field for one in INTERFACE} <= {"keys"}, "keys have a screen of their own"


def test_a_shut_vault_tells_what_is_known_without_it() -> None:
    """Goal: no error before unlocking. Method: a locked daemon; settings of Tor and of the interface."""
    names = {one.name for one in all_settings(known_of(FakeDaemon(vault=v.VaultState.LOCKED)))}
    assert {"paths", "language"} <= names
    assert "passphrase" not in names


def test_what_is_kept_and_unknown_counts_as_not_chosen(tmp_path: Path) -> None:
    """Goal: a file edited by hand locks nobody out. Method: a value that no choice has; then the default."""
    setting = of_interface(
        "bidi",
        Group.LOOK,
        "t",
        (Choice(value="a", holds="A.", means="M."), Choice(value="b", holds="B.", means="M.")),
        default="a",
    )
    known = known_of(FakeDaemon(), Settings(bidi="zz"))
    assert setting.value(known) == "a"
    write_settings(tmp_path, Settings(language="fr"))
    for value, kept in (("b", "b"), ("a", "")):
        asyncio.run(choose(_nobody, tmp_path, setting, known, value))
        assert read_settings(tmp_path) == (Settings(language="fr", bidi=kept), False)
    with pytest.raises(BadArgument):
        asyncio.run(choose(_nobody, tmp_path, setting, known, "c"))


async def _nobody(command: c.Command, _kind: type[V], /) -> V:
    raise AssertionError(f"nothing of the daemon's: {command}")


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("paths", "tor", [c.ChoosePaths(only_tor=True)]),
        ("constant-rate", "5", [c.SetSteady(every_s=5)]),
        ("nearby", "on", [c.StartNearby(minutes=10)]),
        ("saving", "save", [c.SetSaving(saving=True, day_bytes_max=50 << 20, month_bytes_max=0)]),
        ("word-list", "russian", [c.SetWordList(word_list=c.WordList.RUSSIAN)]),
        ("ways-", "apart", [c.SetWays(campaign=CAMPAIGN, only_tor=False, nearby=False)]),
        ("relay-cover-", "5", [c.CoverRelays(campaign=CAMPAIGN, minutes=5)]),
    ],
    ids=str,
)
def test_a_choice_is_one_command(name: str, value: str, sent: list[c.Command], tmp_path: Path) -> None:
    """Goal: each choice does what it says. Method: choose, compare what reached the daemon."""
    daemon = with_relays()
    known = known_of(daemon)
    setting = next(one for one in all_settings(known) if one.name.startswith(name))
    daemon.sent.clear()

    async def act() -> None:
        client = await daemon.connect()

        async def send(command: c.Command, _kind: object, /) -> object:
            return await client.send(command)

        await choose(send, tmp_path, setting, known, value)  # type: ignore[arg-type]  # the double's views

    asyncio.run(act())
    assert daemon.sent == sent


def test_leaving_tor_alone_opens_other_ways_before_tor_is_switched_off(tmp_path: Path) -> None:
    """Goal: nobody is cut off midway. Method: the order of the two commands."""
    daemon = FakeDaemon.with_campaign()
    daemon.tor = tor_view(standing=v.TorStanding.READY, only_tor=True, own=True)
    setting = setting_of(known_of(daemon), "paths")
    assert setting is not None
    assert setting.steps is not None
    steps = [command for command, _answer in setting.steps(known_of(daemon), "plain")]
    assert steps[0] == c.ChoosePaths(only_tor=False)
    assert isinstance(steps[1], c.SwitchTor)
    assert not steps[1].on


def shown(run: Running) -> str:
    return "\n".join([row.text.plain for row in run.app.screen.query_one(PlainOptions).rows])


async def to(run: Running, key: str) -> None:
    """Choose a row of the list in front."""
    assert run.app.screen.query_one(PlainOptions).choose(key), key
    await run.rest()


async def test_what_guards_less_is_asked_again() -> None:
    """Goal: nothing weakens by a slip. Method: from Tor alone to plain addresses; once no, once yes."""
    daemon = FakeDaemon.with_campaign()
    daemon.tor = tor_view(standing=v.TorStanding.READY, only_tor=True)
    async with running(daemon) as run:
        await run.press("f4")
        await to(run, "paths")
        await run.press("enter")
        await to(run, "plain")
        await run.press("enter")
        assert run.place == "form"
        assert run.shows("This guards you less than what holds now.")
        await run.press("escape")
        assert run.place == "setting"
        assert not run.sent(c.ChoosePaths)
        await run.press("enter")
        await run.click("#submit")
        assert run.sent(c.ChoosePaths) == [c.ChoosePaths(only_tor=False)]
        assert run.place == "settings"
        assert run.shows("Your device reaches others by plain addresses alone.")
        assert run.toasts() == ["It holds from now on."]


async def test_what_cannot_be_chosen_says_why() -> None:
    """Goal: no dead row. Method: Enter on how long messages stay."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.press("f4")
        await to(run, next(key for key in _keys(run) if key.startswith("talk-")))
        await run.press("enter")
        assert "nobody can change it later" in run.toasts()[0]


def _keys(run: Running) -> list[str]:
    return [row.key for row in run.app.screen.query_one(PlainOptions).rows]


@pytest.mark.parametrize(
    ("name", "place"),
    [("bridges", "form"), ("addresses", "identity"), ("passphrase", "form"), ("caps", "form")],
)
async def test_a_door_leads_to_where_it_is_done(name: str, place: str) -> None:
    """Goal: one key from a sentence to its place. Method: Enter on each that needs more than a choice."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.press("f4")
        await to(run, name)
        await run.press("enter")
        assert run.place == place
        await run.press("escape")


async def test_a_browser_that_reads_along_is_shut_out() -> None:
    """Goal: from the weak spot to its end in two keys. Method: the finding; Enter; the sentence; Enter."""
    daemon = FakeDaemon.with_campaign()
    daemon.browser = v.BrowserView(running=True)
    async with running(daemon) as run:
        await run.press("v", "enter")
        assert run.place == "setting"
        await to(run, "off")
        await run.press("enter")
        assert len(run.sent(c.StopBrowser)) == 1
        assert run.place == "posture"
        assert run.shows("That is no proof that you are safe")


async def test_bridges_are_pasted() -> None:
    """Goal: Tor where it is blocked, without the command line. Method: two lines into the form."""
    async with running(FakeDaemon.with_campaign()) as run:
        await run.press("f4")
        await to(run, "bridges")
        await run.press("enter")
        run.app.screen.query_one(PlainText).load_text("obfs4 192.0.2.3:80 A cert=x\n\nobfs4 192.0.2.4:80 B\n")
        await run.click("#submit")
        bridges = ("obfs4 192.0.2.3:80 A cert=x", "obfs4 192.0.2.4:80 B")
        assert run.sent(c.SetBridges) == [c.SetBridges(bridges=bridges)]
        assert "Tor is reached by 2 bridges." in shown(run)


async def test_a_setting_of_the_interface_is_kept_and_tells_the_interface(tmp_path: Path) -> None:
    """Goal: others' settings stay. Method: a language that was chosen before; then who turns lines."""
    write_settings(tmp_path, Settings(language="fr"))
    async with running(FakeDaemon.with_campaign()) as run:
        run.app.home = tmp_path
        await run.press("f4")
        await to(run, "bidi")
        await run.press("enter")
        await to(run, "terminal")
        screen = run.app.screen
        assert isinstance(screen, SettingScreen)
        screen.action_take()
        await run.until(lambda: run.app.to_carry is not None)
        assert read_settings(tmp_path) == (Settings(language="fr", bidi="terminal"), False)
        assert run.app.settings.bidi == "terminal"
        assert run.app.to_carry is not None, "it begins anew, with its drafts"


@pytest.mark.parametrize("weakness", list(v.Weakness))
def test_every_weak_spot_has_its_sentences(weakness: v.Weakness) -> None:
    """Goal: what, why, what to do. Method: each kind there is, one and several."""
    for count in (1, 2):
        words = told(finding(weakness, campaign=CAMPAIGN, campaign_name="Evin", count=count, of=3, days=30))
        for sentence in (words.what, words.why, words.do):
            assert sentence.endswith("."), sentence
            assert "%(" not in sentence
        assert words.typed.startswith("meshcoal ")


@pytest.mark.parametrize(
    ("weakness", "place"),
    [
        (v.Weakness.WARNED, "warnings"),
        (v.Weakness.EXPOSED, "setting"),
        (v.Weakness.UNCOMPARED, "members"),
        (v.Weakness.PLAIN, "setting"),
        (v.Weakness.KEYS_OLD, "campaign"),
        (v.Weakness.ONE_RELAY, "relays"),
        (v.Weakness.MEMBERS_EXPOSED, "form"),
        (v.Weakness.INVITED, "invitations"),
        (v.Weakness.NEARBY, "nearby"),
        (v.Weakness.OPEN_LONG, "unlock"),
    ],
)
async def test_each_weak_spot_is_one_key_from_its_mending(weakness: v.Weakness, place: str) -> None:
    """Goal: no advice without a way. Method: the only finding; Enter."""
    daemon = FakeDaemon.with_campaign()
    daemon.findings = (finding(weakness, campaign=CAMPAIGN, campaign_name="Maryam comes home"),)
    async with running(daemon) as run:
        await run.press("v", "enter")
        assert run.place == place


async def test_the_weightiest_stands_first_and_nothing_is_promised() -> None:
    """Goal: one order, no false comfort. Method: five findings, a browser that reads along; then none."""
    daemon = FakeDaemon.with_campaign()
    daemon.findings = WEAK[::-1]
    daemon.browser = v.BrowserView(running=True)
    async with running(daemon, size=(120, 40)) as run:
        await run.press("v")
        text = shown(run)
        places = [text.index(words) for words in ("2 warnings", "9 days", "2 of 3 members", "1 invitation")]
        assert places == sorted(places)
        assert "Pages are open to a browser" in text
        daemon.findings, daemon.browser = (), v.BrowserView(running=False)
        daemon.push(v.NoticeKind.STATUS)
        await run.until(lambda: run.shows("That is no proof that you are safe"))


def test_an_interface_that_never_locks_itself_is_weak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the interface's own settings count. Method: after minutes, and never."""
    minutes = Choice(value="10", holds="H.", means="M.", guards=1)
    never = Choice(value=posture.NEVER, holds="H.", means="M.")
    setting = of_interface("steps", Group.KEPT, "t", (minutes, never), default="10")
    monkeypatch.setattr(posture, "INTERFACE", (dataclasses.replace(setting, name=posture.LOCK_AFTER),))

    def weak(settings: Settings) -> list[v.Weakness]:
        found = posture.of_interface(settings, tor_view(), v.BrowserView(running=False))
        return [one.weakness for one in found]

    assert weak(Settings()) == []
    assert weak(Settings(steps="never")) == [v.Weakness.NO_LOCK]


async def test_what_needs_me_leads_to_the_weak_spots() -> None:
    """Goal: home says it. Method: the item among what needs me; Enter."""
    daemon = FakeDaemon.with_campaign()
    daemon.today = [
        v.TodayItemView(
            kind=v.TodayKind.WEAK, campaign=b"", campaign_name="", subject=b"", channel=b"", title="",
            since_ms=-1, until_ms=-1, count=2,
        )
    ]  # fmt: skip
    async with running(daemon) as run:
        assert run.shows("2 weak spots of this device")
        await run.press("t", "enter")
        assert run.place == "posture"
