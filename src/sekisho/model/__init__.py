"""Frozen dataclasses of what was asked for, the neutral intermediate representation, and diagnostics.

Holds values and no behaviour; imports only kernel.
"""
