"""Values to rows and back, in one transactional database.

Knows how resources are kept and nothing of what they mean.
"""
