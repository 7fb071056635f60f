"""Bytes to values and back: the AWS protocols, driven by botocore's service models.

Knows protocols and no service; does no I/O.
"""
