"""The operations of every AWS service that runs here, one function each, in the file of its noun.

Reads and writes state only through the context it is given.
"""
