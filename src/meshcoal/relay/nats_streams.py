"""Connecting a relay to a NATS cluster, and the streams it keeps there.

Law: topics are spread over some streams, each with replicas, an age limit and a bound; what is over the
bound is refused, never pushed out. The library is asked to log nothing.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from meshcoal.clock import DAY_MS
from meshcoal.errors import BadArgument, Unsupported
from meshcoal.limits import KIB

STREAM: Final = "MESHCOAL"
SUBJECT: Final = "meshcoal"
RETRY_S: Final = 0.25
RETRIES: Final = 120  # over a change of leaders, which takes some seconds
TIMEOUT_S: Final = 2.0


def parse_url(url: str) -> tuple[list[str], int, int]:
    """Servers, shards, replicas. Raises `BadArgument`."""
    parts = urlsplit(url)
    if parts.scheme not in ("nats", "tls") or not parts.netloc:
        raise BadArgument("A store is named as nats://HOST:PORT[,HOST:PORT...][?shards=1&replicas=3].")
    user, at, hosts = parts.netloc.rpartition("@")
    asked = parse_qs(parts.query)
    try:
        shards = int(asked.get("shards", ["1"])[0])
        replicas = int(asked.get("replicas", ["3"])[0])
    except ValueError:
        raise BadArgument("Shards and replicas are numbers.") from None
    if not 1 <= shards <= 256 or replicas not in (1, 3, 5):
        raise BadArgument("Shards are 1 to 256; replicas 1, 3 or 5.")
    return [f"{parts.scheme}://{user}{at}{host}" for host in hosts.split(",")], shards, replicas


async def open_client(servers: list[str]) -> Any:
    """A client that reconnects for ever. Raises `BadArgument` or `Unsupported`."""
    try:
        import nats
        from nats.errors import Error as NatsError
    except ImportError:
        raise Unsupported("A relay over NATS needs nats-py: install meshcoal[relay-nats].") from None

    async def quiet(_: Exception) -> None:
        """The library would log, with addresses."""

    try:
        return await asyncio.wait_for(
            nats.connect(
                servers=servers,
                error_cb=quiet,
                max_reconnect_attempts=-1,
                reconnect_time_wait=RETRY_S,
                connect_timeout=2,
            ),
            TIMEOUT_S,
        )
    except (NatsError, OSError, TimeoutError) as exc:
        raise BadArgument("No NATS server answers there.") from exc


async def make_streams(client: Any, *, shards: int, replicas: int, days: int, bytes_max: int) -> None:
    """Make the streams where there are none. Raises `BadArgument`: the cluster does not give them."""
    from nats.errors import Error as NatsError
    from nats.js import api
    from nats.js.errors import BadRequestError, NotFoundError

    stream = client.jetstream(timeout=TIMEOUT_S)
    for shard in range(shards):
        config = api.StreamConfig(
            name=f"{STREAM}_{shard}",
            subjects=[f"{SUBJECT}.{shard}.*"],
            num_replicas=replicas,
            max_age=days * DAY_MS / 1_000,
            storage=api.StorageType.FILE,
            discard=api.DiscardPolicy.NEW,
            max_bytes=2 * bytes_max // shards + 1_024 * KIB,
            duplicate_window=120,
            allow_direct=True,
        )
        refusal = ""
        for _ in range(RETRIES):
            try:
                await stream.stream_info(config.name)
                break
            except NotFoundError:
                pass
            except (NatsError, TimeoutError) as exc:
                refusal = type(exc).__name__
                await asyncio.sleep(RETRY_S)  # the cluster has no leader yet
                continue
            try:
                await stream.add_stream(config)
                break
            except BadRequestError as exc:
                raise BadArgument(f"The NATS server gives no such stream: {exc.description}.") from exc
            except (NatsError, TimeoutError) as exc:
                refusal = type(exc).__name__
                await asyncio.sleep(RETRY_S)
        else:
            raise BadArgument(f"The NATS server gives no such stream: {refusal}.")
