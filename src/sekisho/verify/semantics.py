"""The rules of a JWT decision: one record for each, the deciding lines name its id.

``ALB-JWT`` are an ALB's, ``HTTP-JWT`` an HTTP API's, ``TOKEN`` hold on both edges, ``URI`` are about the path that a
rule is matched against. :mod:`sekisho.verify.key_semantics` has the rules about key sets.
"""

from sekisho.kernel.semantics import Kind, Rule
from sekisho.verify import alb_semantics, http_api_semantics, key_semantics, token_semantics

URI_01 = Rule(
    "URI-01",
    "A rule is matched against the path with its percent-encoded unreserved characters decoded, nothing else.",
    Kind.CHOSEN,
    "https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2.2",
    "A path that is spelt differently but means the same must meet the same guard.",
)
URI_02 = Rule(
    "URI-02",
    "A rule is matched against the path without its dot segments.",
    Kind.CHOSEN,
    "https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4",
    "A target that removes them would otherwise serve a path whose guard was never asked.",
)
URI_03 = Rule(
    "URI-03",
    "The target gets the path as the client sent it.",
    Kind.CHOSEN,
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html",
    "The page describes matching only; a proxy that rewrites unasked breaks signatures over the path.",
)

URI_RULES: tuple[Rule, ...] = (URI_01, URI_02, URI_03)
"""The rules about the path that a rule is matched against."""

RULES: tuple[Rule, ...] = (
    *token_semantics.RULES,
    *alb_semantics.RULES,
    *http_api_semantics.RULES,
    *URI_RULES,
    *key_semantics.RULES,
)
"""Every rule of this package."""
