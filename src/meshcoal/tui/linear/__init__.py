"""The interface as plain lines, for screen readers, braille and terminals that cannot draw."""
