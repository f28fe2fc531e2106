"""Two links to one peer become one.

Law: both sides choose the same one, without a word about it: of two in opposite directions the one that the
smaller link key dialled. docs/protocol/session.md, "States of a link".
"""

from __future__ import annotations

from meshcoal.errors import LinkClosed
from meshcoal.node.links import INTRODUCED, INVITATION, Link, Links
from meshcoal.node.step import Step


def keep_one(step: Step, links: Links, link: Link, mine: bytes) -> bool:
    """A second link to the same peer came up: keep the one the smaller link key dialled.

    Args:
        mine: my link key there.

    Returns:
        Whether `link` is the one to keep.
    """
    assert link.session is not None
    remote = link.session.remote_static
    for other in list(links.by_number.values()):
        if (
            other is link
            or other.closing
            or not other.established
            or other.session is None
            or other.session.remote_static != remote
            or other.campaign != link.campaign
            or other.session.name[0] in (INVITATION, INTRODUCED)  # has business of its own
        ):
            continue
        # Of two in one direction the newer is kept: the older may be dead without our knowing.
        same_direction = (other.target is None) == (link.target is None)
        mine_is_smaller = mine < remote
        keep_new = same_direction or (link.target is not None) == mine_is_smaller
        links.cut(step, other if keep_new else link, LinkClosed.code)
        if not keep_new:
            return False
    return True
