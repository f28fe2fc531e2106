"""The view in a web browser: plain pages on loopback, for people and programs that terminals do not suit.

Law: a client of the daemon like the others, in a process of its own, which holds no key and no secret of the
vault. Decided in docs/design/0031-browser.md.
"""
