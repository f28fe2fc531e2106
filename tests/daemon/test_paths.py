"""Which ways are open: kept, never opened by damage, and shut before anything else happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meshcoal.api.path_commands import ChoosePaths, SetBridges, SwitchTor, TorStanding
from meshcoal.daemon.path_desk import chosen, tor_view
from meshcoal.daemon.paths import FILE_NAME, Paths, PathsFile, check_control
from meshcoal.errors import BadArgument, WrongPhase
from meshcoal.net.tor.status import TorState, TorStatus

BRIDGE = "obfs4 192.0.2.7:443 " + "A" * 40 + " cert=abc iat-mode=0"
ON = SwitchTor(on=True, own=False, control="", open_port=False, torrc="")
OFF = SwitchTor(on=False, own=False, control="", open_port=False, torrc="")

kept_paths = st.builds(
    Paths,
    tor=st.booleans(),
    only=st.booleans(),
    own=st.booleans(),
    control=st.sampled_from(["", "127.0.0.1:9051", "unix:/run/tor/control"]),
    open_port=st.booleans(),
    bridges=st.sampled_from([(), (BRIDGE,), (BRIDGE, "192.0.2.8:443")]),
    further=st.sampled_from(["", "/etc/tor/further rc"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(kept_paths)
def test_a_choice_is_found_again(tmp_path: Path, paths: Paths) -> None:
    """Goal: what was chosen holds after a restart. Method: keep any choice, and read it."""
    PathsFile(tmp_path).keep(paths)
    assert PathsFile(tmp_path).paths == paths
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=100).map(lambda text: f"meshcoal paths 1\n{text}".encode())
    )
)
def test_a_damaged_file_opens_nothing(tmp_path: Path, data: bytes) -> None:
    """Goal: damage never opens a way. Method: any bytes; what is not exactly a choice closes all."""
    (tmp_path / FILE_NAME).write_bytes(data)
    paths = PathsFile(tmp_path).paths
    assert paths.damaged
    assert not paths.direct
    assert tor_view(paths, None).sentence


def test_a_file_cut_short_opens_nothing(tmp_path: Path) -> None:
    """Goal: a choice of Tor alone is not lost with the end of a file. Method: cut it at each byte."""
    PathsFile(tmp_path).choose(only=True)
    whole = (tmp_path / FILE_NAME).read_bytes()
    for length in range(len(whole)):
        (tmp_path / FILE_NAME).write_bytes(whole[:length])
        assert not PathsFile(tmp_path).paths.direct


def test_tor_alone_switches_tor_on_and_keeps_it_on(tmp_path: Path) -> None:
    """Goal: nobody is left without any way by accident. Method: choose Tor alone; switch it off."""
    kept = PathsFile(tmp_path)
    assert chosen(ChoosePaths(only_tor=True), kept).tor
    with pytest.raises(WrongPhase, match="meshcoal paths any"):
        chosen(OFF, kept)
    assert chosen(ChoosePaths(only_tor=False), kept).tor
    assert not chosen(OFF, kept).tor


def test_bridges_bring_a_tor_of_our_own(tmp_path: Path) -> None:
    """Goal: bridges work without touching the system's tor. Method: give one, then none."""
    kept = PathsFile(tmp_path)
    assert chosen(SetBridges(bridges=(f"Bridge {BRIDGE}",)), kept) == Paths(own=True, bridges=(BRIDGE,))
    assert chosen(ON, kept).own
    with pytest.raises(BadArgument, match="Copy it whole"):
        chosen(SetBridges(bridges=("obfs4 nonsense",)), kept)
    assert kept.paths.bridges == (BRIDGE,)
    assert chosen(SetBridges(bridges=()), kept).bridges == ()


@pytest.mark.parametrize(
    "command",
    [
        SwitchTor(on=True, own=True, control="127.0.0.1:9051", open_port=False, torrc=""),
        SwitchTor(on=True, own=False, control="nonsense", open_port=False, torrc=""),
        SwitchTor(on=True, own=False, control="unix:relative", open_port=False, torrc=""),
        SwitchTor(on=True, own=False, control="", open_port=False, torrc="/etc/hosts"),
        SwitchTor(on=True, own=True, control="", open_port=False, torrc="/no/such/file"),
    ],
)
def test_what_does_not_fit_is_refused_and_not_kept(tmp_path: Path, command: SwitchTor) -> None:
    """Goal: no half choice. Method: choices that contradict themselves or name nothing."""
    kept = PathsFile(tmp_path)
    with pytest.raises(BadArgument):
        chosen(command, kept)
    assert kept.paths == Paths()
    assert not (tmp_path / FILE_NAME).exists()


def test_a_damaged_choice_has_to_be_made_afresh(tmp_path: Path) -> None:
    """Goal: damage is told, and one command mends it. Method: damage, switch, choose."""
    (tmp_path / FILE_NAME).write_text("tor\n")
    kept = PathsFile(tmp_path)
    with pytest.raises(WrongPhase, match="Choose afresh"):
        chosen(ON, kept)
    assert chosen(ChoosePaths(only_tor=True), kept) == Paths(tor=True, only=True)


def test_how_tor_stands_is_shown_from_all_there_is() -> None:
    """Goal: the view is true. Method: off, locked, under way, and a sentence."""
    assert tor_view(Paths(), None).standing is TorStanding.OFF
    assert tor_view(Paths(tor=True), None).standing is TorStanding.LOCKED
    assert tor_view(Paths(tor=True), TorStatus()).standing is TorStanding.STARTING, "just switched on"
    under_way = TorStatus(
        state=TorState.BOOTSTRAPPING, percent=45, doing="Asking", code="c", sentence="Wait."
    )
    shown = tor_view(Paths(tor=True, only=True, bridges=(BRIDGE,)), under_way)
    assert (shown.standing, shown.percent, shown.doing) == (TorStanding.BOOTSTRAPPING, 45, "Asking")
    assert (shown.code, shown.sentence, shown.only_tor, shown.bridges) == ("c", "Wait.", True, 1)


def test_a_control_port_has_one_of_two_spellings() -> None:
    """Goal: no other text reaches a socket. Method: both, and others."""
    assert check_control("unix:/run/tor/control")
    assert check_control("127.0.0.1:9051")
    for text in ("unix:", "unix:x", "/run/tor/control", "9051", "unix:/a\nb"):
        with pytest.raises(BadArgument):
            check_control(text)
