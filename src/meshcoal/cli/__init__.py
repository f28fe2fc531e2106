"""The command line: one module per group of commands, imported only when its name is typed.

Law: whatever another person wrote reaches the terminal through `cli.output` and nothing else.
"""
