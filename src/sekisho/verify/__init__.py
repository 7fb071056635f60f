"""The reference semantics of a JWT decision, one small function per rule.

Pure: what explain, the audit and the differential tests read.
"""
