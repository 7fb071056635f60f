"""Sockets, processes and everything asynchronous: the AWS API, issuers, Envoy, keys, health, containers.

Knows what listens and what runs; what requests mean is decided below, in services, issuer, compile and verify.
"""
