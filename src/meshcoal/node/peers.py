"""What is shown of links: each that stands, and everybody who is being tried.

Law: relays are no peers; they have a view of their own.
"""

from __future__ import annotations

from collections.abc import Callable

from meshcoal.api.views import PeerView
from meshcoal.node.links import CAMPAIGN, CONTACT, RELAY, Links, TargetKey


def peer_views(links: Links, name_of: Callable[[TargetKey], tuple[str, str]]) -> tuple[PeerView, ...]:
    """Every link that stands, and every peer that is being tried."""
    views = []
    shown: set[tuple[bytes, bytes]] = set()
    for link in links.by_number.values():
        if not link.established or link.closing or link.session is None or link.to_relay:
            continue
        kind = CAMPAIGN if link.campaign else CONTACT
        key = (kind, link.campaign or b"", link.session.remote_static)
        name, campaign_name = name_of(key)
        shown.add((key[1], key[2]))
        views.append(
            PeerView(
                name=name,
                campaign_name=campaign_name,
                connected=True,
                transport=link.transport,
                dialled=link.target is not None,
                since_ms=link.opened_ms,
                last_error="",
                next_try_ms=-1,
            )
        )
    for key, attempts in links.attempts.items():
        if key[0] == RELAY or (key[1] if key[0] == CAMPAIGN else b"", key[2]) in shown:
            continue
        name, campaign_name = name_of(key)
        views.append(
            PeerView(
                name=name,
                campaign_name=campaign_name,
                connected=False,
                transport="",
                dialled=True,
                since_ms=-1,
                last_error=attempts.last_error,
                next_try_ms=attempts.try_at_ms(links.targets[key].hints),
            )
        )
    return tuple(views)
