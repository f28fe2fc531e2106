"""How Tor stands, as a value: what clients show in words.

Law: each state that is not good says what to do next.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import Final

from meshcoal.errors import TorClock, TorError, TorStuck
from meshcoal.net.tor.replies import Reply, pairs

READY_PERCENT: Final = 100
_MINUTE_S: Final = 60


class TorState(enum.StrEnum):
    OFF = "off"
    STARTING = "starting"  # looking for tor, or starting it
    BOOTSTRAPPING = "bootstrapping"  # tor looks for its network
    READY = "ready"
    FAILED = "failed"  # tried again by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class TorStatus:
    """All a user is told of Tor."""

    state: TorState = TorState.OFF
    percent: int = 0
    doing: str = ""  # tor's own words for where it stands
    code: str = ""  # of what is wrong; empty: nothing
    sentence: str = ""  # what is wrong, and what to do next
    version: str = ""
    services: int = 0  # addresses of mine that are asked for
    published: int = 0  # of these, known to be found by others

    def failed(self, error: TorError) -> TorStatus:
        return TorStatus(state=TorState.FAILED, code=error.code, sentence=str(error), services=self.services)

    def told(self, event: Reply) -> TorStatus:
        """As it stands after an event or a bootstrap phase of tor's."""
        words = event.lines[0].split(" ")
        severity = next((one for one in words if one in ("NOTICE", "WARN", "ERR")), "")
        said = pairs(event.lines[0])
        if "BOOTSTRAP" in words:
            return self._bootstrap(severity, said)
        if "CLOCK_SKEW" in words:
            return self._wrong_clock(said.get("SKEW", ""))
        return self

    def _bootstrap(self, severity: str, said: dict[str, str]) -> TorStatus:
        percent = said.get("PROGRESS", "")
        if not (percent.isascii() and percent.isdecimal() and int(percent) <= READY_PERCENT):
            return self
        told = replace(
            self,
            percent=int(percent),
            doing=said.get("SUMMARY", "")[:100],
            state=TorState.READY if int(percent) == READY_PERCENT else TorState.BOOTSTRAPPING,
        )
        if severity == "NOTICE" or told.state is TorState.READY:
            keeps = told.code == TorClock.code and told.state is not TorState.READY
            return told if keeps else replace(told, code="", sentence="")
        if told.code == TorClock.code:
            return told
        return replace(
            told,
            code=TorStuck.code,
            sentence=(
                f"Tor stands at {percent} % and does not get through. Is the machine on the network? If Tor "
                "is blocked where you are, get bridges and give them to `meshcoal tor bridges`."
            ),
        )

    def _wrong_clock(self, skew: str) -> TorStatus:
        try:
            seconds = int(skew)
        except ValueError:
            return self
        way = "ahead" if seconds > 0 else "behind"
        minutes = max(1, abs(seconds) // _MINUTE_S)
        return replace(
            self,
            code=TorClock.code,
            sentence=(
                f"This machine's clock seems to be {minutes} minutes {way}, and Tor needs the right time. "
                "Set the clock, time zone and date; meshcoal goes on by itself."
            ),
        )
