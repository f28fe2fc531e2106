"""What users choose of ways in and out, and what they are shown of it.

Law: what is chosen is written down before it is used; a choice that would leave no way open is refused with
what to do instead.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from meshcoal.api.path_commands import ChoosePaths, SetBridges, SwitchTor, TorStanding, TorView
from meshcoal.daemon.paths import Paths, PathsFile, check_control
from meshcoal.errors import BadArgument, WrongPhase
from meshcoal.net.tor.process import bridge_line
from meshcoal.net.tor.status import TorState, TorStatus

_DAMAGED = (
    "The choice of paths in the home cannot be read, so none is open. Choose afresh: `meshcoal paths tor` "
    "for Tor alone, `meshcoal paths any` for plain addresses as well."
)


def chosen(command: SwitchTor | SetBridges | ChoosePaths, kept: PathsFile) -> Paths:
    """Write a choice down.

    Raises:
        BadArgument: an address, file or bridge that does not fit.
        WrongPhase: Tor is to be off where nothing else is allowed.
        ReadOnly: the home cannot be written.
    """
    match command:
        case ChoosePaths(only_tor=only):
            return kept.choose(only=only)
        case SwitchTor():
            return kept.keep(_switched(command, kept.paths))
        case SetBridges(bridges=bridges):
            lines = tuple([bridge_line(one) for one in bridges])
            return kept.keep(replace(_sound(kept.paths), bridges=lines, own=bool(lines) or kept.paths.own))


def _switched(command: SwitchTor, before: Paths) -> Paths:
    before = _sound(before)
    if not command.on:
        if before.only:
            raise WrongPhase(
                "Nothing but Tor is allowed here, so that without it nobody could be reached. Allow plain "
                "addresses first, with `meshcoal paths any`."
            )
        return replace(before, tor=False)
    own = command.own or bool(before.bridges)
    if own and command.control:
        raise BadArgument("A tor of your own, or bridges, and another tor's control port exclude each other.")
    if command.torrc and not own:
        raise BadArgument("Further settings are for a tor of your own: say `--own` as well.")
    if command.torrc and not Path(command.torrc).is_file():
        raise BadArgument("There is no file of further settings at that path.")
    return replace(
        before,
        tor=True,
        own=own,
        control=check_control(command.control) if command.control else "",
        open_port=command.open_port,
        further=command.torrc,
    )


def _sound(paths: Paths) -> Paths:
    if paths.damaged:
        raise WrongPhase(_DAMAGED)
    return paths


def tor_view(paths: Paths, status: TorStatus | None) -> TorView:
    """`status`: None while the vault is not open."""
    if not paths.tor or paths.damaged:
        standing = TorStanding.OFF
    elif status is None:
        standing = TorStanding.LOCKED
    elif status.state is TorState.OFF:
        standing = TorStanding.STARTING  # it was switched on this moment: "off" would be taken for a refusal
    else:
        standing = TorStanding(status.state.value)
    shown = status if status is not None and paths.tor else TorStatus()
    return TorView(
        standing=standing,
        percent=shown.percent,
        doing=shown.doing,
        code=shown.code,
        sentence=_DAMAGED if paths.damaged else shown.sentence,
        version=shown.version,
        services=shown.services,
        published=shown.published,
        only_tor=paths.only,
        damaged=paths.damaged,
        own=paths.own,
        control=paths.control,
        open_port=paths.open_port,
        torrc=paths.further,
        bridges=len(paths.bridges),
    )
