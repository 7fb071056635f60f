"""The reference semantics of a JWT decision, one small function per rule.

Pure: what explain, the audit and the differential tests read. ``alb`` and ``http_api`` decide, ``token``,
``signature``, ``times``, ``identity_source`` and ``uri`` are their parts, ``key_sets`` reads JWKS documents, and
``semantics`` has the rules.
"""
