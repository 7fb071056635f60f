"""The sekisho command: talks to a server like any client.
"""
