"""Sekisho: a self-hosted JWT edge compatible with AWS."""

__version__ = "0.1.0"
