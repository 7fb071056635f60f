"""The sekisho command: subcommands, their options, and what they print.

Talks to a server as any client does, over HTTP, or starts one; never reads or writes a server's state itself.
"""
