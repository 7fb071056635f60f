"""Signing users in over the API: flows, challenges, and what guards them.

Every flow is three steps: read the state, do the slow work (hash, call triggers) outside any transaction, then write
what came of it after looking at the user again.
"""
