"""Arn, clock, ids, errors, secret, settings, semantics: the words every other floor speaks.

Owns no domain noun, does no I/O beyond reading settings, and imports only the standard library.
"""
