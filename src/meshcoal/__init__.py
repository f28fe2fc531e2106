"""meshcoal: a peer-to-peer, end-to-end encrypted network for human rights coalitions."""

__version__ = "0.1.0"
