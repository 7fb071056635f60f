"""Sockets, processes and everything asynchronous.
"""
