"""Sign-ons sealed until enough have signed: terms, envelopes, opening, and which of them count."""
