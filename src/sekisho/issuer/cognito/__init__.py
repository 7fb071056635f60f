"""User pools as issuers: keys, claims, the trigger that changes them, and the grants of a pool's domain.

Reads users, app clients and groups; writes refresh tokens and authorization codes only.
"""
