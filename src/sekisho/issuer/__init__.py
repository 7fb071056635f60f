"""Token endpoints: the phases of a token request, the grants, claims and key sets.

Knows no HTTP; the serve floor gives it parsed requests.
"""
