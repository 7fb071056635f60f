"""Auth0-style tenants as issuers: resources, token endpoint, discovery, and their declaration in a file.

Reads and writes the state through a context; never a socket, never a file.
"""
