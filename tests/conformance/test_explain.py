"""``explain`` says of every vector what the vectors demand, and names the check that decided."""

import time

import pytest
from tests.conformance.vector import Vector, load_vectors, request_of

from sekisho.model.explanation import Explanation
from sekisho.model.ir import AlbGuard, FixedResponse, Flavour, Listener, Match, Route
from sekisho.verify.explain import explain
from sekisho.verify.routing import RequestLine

VECTORS = [pytest.param(vector, id=vector.id) for vector in load_vectors()]

ALB_REASONS = frozenset(
    {
        "JWTHeaderNotPresent",
        "JWTRequestFormatInvalid",
        "JWKSRequestTimeout",
        "JWKSResponseSizeExceeded",
        "JWKSRequestFailed",
        "JWKSResponseInvalid",
        "JWTSignatureValidationError",
        "JWTClaimNotPresent",
        "JWTClaimFormatInvalid",
        "JWTClaimValueInvalid",
        "JWTValidationInternalError",
    }
)
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html"""

HTTP_API_ANSWERS = frozenset(
    {
        "missing_token",
        "insufficient_scope",
        "invalid_token: token contains an invalid number of segments",
        "invalid_token: signing method ES256 is invalid",
        "invalid_token: the token does not have a valid audience",
        "invalid_token: OIDC discovery endpoint communication error",
        "invalid_token: JWKS communication error",
        "invalid_token: the token has expired",
        "invalid_token: the token does not have a valid issuer",
        "invalid_token: crypto/rsa: verification error",
        "invalid_token: unable to find a signing key that matches the kid",
        "invalid_token: signing method none is invalid",
        "invalid_token: signing method (alg) is unspecified.",
    }
)
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html, and what was seen"""


def explain_vector(vector: Vector) -> Explanation:
    guarded, now = vector.policy.guarded, int(time.time())
    request = request_of(vector, now)
    target = "/" + (f"?{request.query}" if request.query else "")
    flavour = Flavour.ALB if isinstance(guarded.guard, AlbGuard) else Flavour.HTTP_API
    route = Route("rule", "rule", 0, Match(), FixedResponse(200), guarded.guard)
    listener = Listener("listener", "listener", flavour, 1, 443, (route,))
    line = RequestLine(vector.method, target, request.headers)
    return explain(listener, {guarded.key_set.name: guarded.key_set}, line, now, guarded.choices)


def said(explanation: Explanation) -> str:
    return ": ".join(filter(None, (explanation.reason, explanation.error_description)))


@pytest.mark.parametrize("vector", VECTORS)
def test_the_explanation_is_the_vectors_and_names_the_deciding_check(vector: Vector) -> None:
    explanation = explain_vector(vector)
    assert (explanation.status, explanation.reason) == (vector.status, vector.reason)
    assert explanation.error_description == vector.description
    failed = [check.id for check in explanation.checks if not check.ok]
    if explanation.decision == "allow":
        assert failed == []
    else:
        assert failed == [explanation.checks[-1].id]
        assert explanation.why.endswith(f"[{failed[0]}].")
        assert explanation.checks[-1].source.startswith("https://")


def test_every_documented_answer_is_among_them() -> None:
    alb = {v.reason for v in load_vectors() if isinstance(v.policy.guarded.guard, AlbGuard) and v.reason}
    others = {
        said(explain_vector(v)) for v in load_vectors() if not isinstance(v.policy.guarded.guard, AlbGuard)
    }
    assert alb == ALB_REASONS
    assert others >= HTTP_API_ANSWERS
