"""The Management API v2 of a tenant: APIs, clients, client grants and signing keys, in Auth0's shapes.

Knows no HTTP beyond method, path, query and body; the serve floor says who is calling.
"""
