"""The blind relay: keeps sealed envelopes for people it does not know, for a while."""
