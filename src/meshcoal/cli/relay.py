"""`meshcoal relay`: relays of a campaign, and running one for others."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import click

from meshcoal.api.commands import AddRelay, CheckRelay, CoverRelays, ListRelays, RemoveRelay
from meshcoal.api.views import RelayFault, RelayState, RelaysView, RelayView
from meshcoal.cli.attachment import parse_size
from meshcoal.cli.find import find_campaign
from meshcoal.cli.leaf import branch
from meshcoal.cli.output import ago, emit, say
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument
from meshcoal.limits import COVER_MINUTES_MAX, SHELF_LIFE_DAYS, SHELF_LIFE_DAYS_MAX

_CHECK_EVERY_S: Final = 0.5
_CHECK_TIMES: Final = 40  # then what is known is shown all the same


@branch("relay")
def relay() -> None:
    """Relays, at which members meet who are never online together: add, list, remove, run one."""


@relay.command("add", example="meshcoal relay add evin MESHCOALRELAY1...@relay.example.org:7700")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.argument("text", metavar="RELAY")
@click.pass_obj
def add(session: Session, campaign_name: str, text: str) -> None:
    """Have all members post and look at a relay as well.

    RELAY is the line that whoever runs it hands on. The relay sees when somebody asks and how much is
    there; never what, never by whom.
    """
    campaign = find_campaign(session, campaign_name)
    view = session.ask(AddRelay(campaign=campaign.id, text=text), RelaysView)
    session.show(view, lambda: print_relays(view, session.now_ms()))


@relay.command("list", example="meshcoal relay list evin")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.pass_obj
def list_relays(session: Session, campaign_name: str) -> None:
    """Show which relays a campaign uses, which work, and what they may be keeping back."""
    campaign = find_campaign(session, campaign_name)
    view = session.ask(ListRelays(campaign=campaign.id), RelaysView)
    session.show(view, lambda: print_relays(view, session.now_ms()))


@relay.command("check", example="meshcoal relay check evin relay.example.org:7700")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.argument("address", metavar="HOST:PORT")
@click.pass_obj
def check(session: Session, campaign_name: str, address: str) -> None:
    """Ask a relay now whether it works, and for what is new; wait a little for its answer."""
    campaign = find_campaign(session, campaign_name)
    began_ms = session.now_ms()
    view = session.ask(CheckRelay(campaign=campaign.id, address=address), RelaysView)
    for _ in range(_CHECK_TIMES):
        one = next((one for one in view.relays if one.address == address), None)
        if one is not None and one.answered_ms >= began_ms:
            break
        time.sleep(_CHECK_EVERY_S)
        view = session.ask(ListRelays(campaign=campaign.id), RelaysView)
    mine = RelaysView(relays=tuple([one for one in view.relays if one.address == address]))
    session.show(mine, lambda: print_relays(mine, session.now_ms()))


@relay.command("cover", example="meshcoal relay cover evin 5")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.argument("minutes", metavar="MINUTES", type=click.IntRange(0, COVER_MINUTES_MAX))
@click.pass_obj
def cover(session: Session, campaign_name: str, minutes: int) -> None:
    """Post at a campaign's relays once in so many minutes, whether or not you write anything; 0 ends it.

    So a relay does not see at what hours you write. What you write waits for its moment, up to twice as
    long; every member's device fetches what yours posts. It holds for this device alone.
    """
    campaign = find_campaign(session, campaign_name)
    view = session.ask(CoverRelays(campaign=campaign.id, minutes=minutes), RelaysView)
    session.show(view, lambda: print_relays(view, session.now_ms()))


@relay.command("remove", example="meshcoal relay remove evin relay.example.org:7700")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.argument("address", metavar="HOST:PORT")
@click.pass_obj
def remove(session: Session, campaign_name: str, address: str) -> None:
    """Post no more at a relay that you added; what is there is still read to its end."""
    campaign = find_campaign(session, campaign_name)
    view = session.ask(RemoveRelay(campaign=campaign.id, address=address), RelaysView)
    session.show(view, lambda: print_relays(view, session.now_ms()))


@relay.command("serve", example="meshcoal relay serve --listen 0.0.0.0:7700 --public relay.example.org:7700")
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for its key and what it keeps (else `relay` in the home).",
)
@click.option("--listen", metavar="HOST:PORT", default="127.0.0.1:7700", help="Address to listen on.")
@click.option("--public", metavar="HOST:PORT", multiple=True, help="Address to hand on; repeatable.")
@click.option(
    "--days",
    type=click.IntRange(1, SHELF_LIFE_DAYS_MAX),
    default=SHELF_LIFE_DAYS,
    help="How long it keeps what is put there.",
)
@click.option("--room", metavar="SIZE", default="4096 MiB", help="How much it keeps at most.")
@click.option("--topic-room", metavar="SIZE", default="64 MiB", help="And under one topic, of one day.")
@click.option(
    "--store", metavar="URL", default="", help="Keep it in a NATS JetStream cluster: nats://HOST:PORT,..."
)
@click.option("--behind-onion", is_flag=True, help="All links come from one address, such as Tor's.")
@click.pass_obj
def serve(
    session: Session,
    folder: Path | None,
    listen: str,
    public: tuple[str, ...],
    days: int,
    room: str,
    topic_room: str,
    store: str,
    behind_onion: bool,
) -> int:
    """Run a relay in the foreground, until Ctrl-C. It needs no identity and no vault.

    It prints the line to hand on to members. Whoever has that line can use the relay, and nobody else can
    tell that there is one. It keeps sealed envelopes and writes down nothing else: no addresses, no log.
    """
    from meshcoal.relay.main import RelayOptions, run

    def ready(texts: tuple[str, ...]) -> None:
        if session.as_json:
            emit({"relays": list(texts)})
            return
        say("The relay runs. Ctrl-C ends it. Hand on to members, over a way you trust:", err=True)
        for text in texts:
            say("{text}", text=text)

    bytes_max, topic_bytes_max = parse_size(room), parse_size(topic_room)
    if not 0 < topic_bytes_max <= bytes_max:
        raise BadArgument("The room of a topic is more than nothing, and not more than that of the relay.")
    options = RelayOptions(
        folder=folder or session.home / "relay",
        listen=listen,
        public=public,
        days=days,
        bytes_max=bytes_max,
        topic_bytes_max=topic_bytes_max,
        store=store,
        shared_address=behind_onion,
    )
    return run(options, ready=ready)


def print_relays(view: RelaysView, now_ms: int) -> None:
    """Each relay in a few lines."""
    if not view.relays:
        say("This campaign uses no relay. `meshcoal relay add` adds one.")
    if view.cover_minutes:
        say("This device posts once in {count} minutes, whether or not you write.", count=view.cover_minutes)
    for one in view.relays:
        say("{address}, added by {who}", address=one.address, who="you" if one.mine else one.named_by)
        say("  {state}", state=state_words(one, now_ms))
        if one.waiting:
            say("  Waits to be taken: {count} envelopes of yours.", count=one.waiting)
        if one.fault is not RelayFault.NONE:
            say("  {fault} Seen {when}.", fault=fault_words(one), when=ago(one.fault_ms, now_ms))


def state_words(one: RelayView, now_ms: int) -> str:
    """Whether it works, and when last."""
    when = f" It answered last {ago(one.answered_ms, now_ms)}." if one.answered_ms >= 0 else ""
    taken = f" It took something of yours last {ago(one.taken_ms, now_ms)}." if one.taken_ms >= 0 else ""
    if one.closing:
        return f"Not used any more; what is there is read to its end.{when}"
    match one.state:
        case RelayState.WORKING:
            return f"Works.{when}{taken}"
        case RelayState.REFUSING:
            return f"Takes nothing now ({one.last_error}).{when}{taken}"
        case RelayState.UNREACHED:
            return f"Cannot be reached ({one.last_error}).{when}{taken}"
        case RelayState.UNTRIED:
            return f"Not tried yet.{when}{taken}"


def fault_words(one: RelayView) -> str:
    """What a relay did wrong, and how sure that is."""
    match one.fault:
        case RelayFault.NONE:
            return ""
        case RelayFault.SILENT:
            return "It leaves what is asked without an answer."
        case RelayFault.BEHIND if not one.keeps_back:
            return "It showed late what a member had put there; all of it has come since."
        case RelayFault.BEHIND:
            return (
                f"It may be keeping back {one.keeps_back} envelopes: a member says it took more than it "
                "shows, unless that member says what is not so."
            )
        case RelayFault.PARTED:
            return (
                "It showed a member something else than it shows here, unless that member says what is "
                "not so."
            )
        case RelayFault.LOST:
            return (
                f"WARNING: it does not show what it took or showed before, {one.keeps_back} envelopes or "
                "more: it lost them, or keeps them back. Use another relay beside it."
            )
        case RelayFault.FALSE:
            return (
                "WARNING: it showed what no member put there, or the same twice, or in another order. "
                "Nothing false got in. Use another relay."
            )
