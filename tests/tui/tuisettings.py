"""Settings and weak spots, for the daemon in memory of the interface's tests."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.wire.record import Record

CAMPAIGN = hashlib.sha256(b"campaign").digest()


def finding(weakness: v.Weakness, **changes: Any) -> v.FindingView:
    """A serious one of the whole device."""
    base = v.FindingView(weakness=weakness, danger=v.Danger.TAKEN, weight=v.Weight.SERIOUS)
    return dataclasses.replace(base, **changes)


WEAK = (
    finding(v.Weakness.WARNED, weight=v.Weight.GRAVE, danger=v.Danger.POSED, count=2),
    finding(v.Weakness.OPEN_LONG, days=9),
    finding(
        v.Weakness.UNCOMPARED,
        danger=v.Danger.POSED,
        campaign=CAMPAIGN,
        campaign_name="Maryam comes home",
        count=2,
        of=3,
    ),
    finding(v.Weakness.PLAIN, danger=v.Danger.WATCHED),
    finding(v.Weakness.INVITED, danger=v.Danger.POSED, weight=v.Weight.SLIGHT),
)


class FakeSettings:
    """What settings are told from, as far as nothing else of the double holds it."""

    tor: v.TorView
    relays: tuple[v.RelayView, ...]

    def __init__(self) -> None:
        self.findings: tuple[v.FindingView, ...] = ()
        self.browser = v.BrowserView(running=False)
        self.cover_minutes = 0
        self.bridges: tuple[str, ...] = ()

    def on_show_posture(self, _command: c.ShowPosture) -> Record:
        return v.PostureView(findings=self.findings)

    def on_show_browser(self, _command: c.ShowBrowser) -> Record:
        return self.browser

    def on_stop_browser(self, _command: c.StopBrowser) -> Record:
        self.browser = v.BrowserView(running=False)
        return self.browser

    def on_cover_relays(self, command: c.CoverRelays) -> Record:
        self.cover_minutes = command.minutes
        return v.RelaysView(relays=self.relays, cover_minutes=command.minutes)

    def on_choose_paths(self, command: c.ChoosePaths) -> Record:
        on = v.TorStanding.READY if command.only_tor else self.tor.standing
        self.tor = dataclasses.replace(self.tor, only_tor=command.only_tor, standing=on, damaged=False)
        return self.tor

    def on_switch_tor(self, command: c.SwitchTor) -> Record:
        on = v.TorStanding.READY if command.on else v.TorStanding.OFF
        self.tor = dataclasses.replace(self.tor, standing=on)
        return self.tor

    def on_set_bridges(self, command: c.SetBridges) -> Record:
        self.bridges = command.bridges
        self.tor = dataclasses.replace(self.tor, bridges=len(command.bridges))
        return self.tor
