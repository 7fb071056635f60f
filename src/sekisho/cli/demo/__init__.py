"""``sekisho demo``: the articles that the examples come from, played on this machine.

Starts a server of its own and talks to it as a reader of the article would: over HTTP and the AWS API.
"""
