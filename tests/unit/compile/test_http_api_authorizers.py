"""A route whose authorizer is of another type than it asks for lets nobody through."""

from datetime import UTC, datetime

import pytest

from sekisho.compile.compile import compile_snapshot
from sekisho.model.apigatewayv2 import Api, Authorizer, Definition, Deployment, Integration, Route, Stage
from sekisho.model.ir import Refuse
from sekisho.model.snapshot import Snapshot

NOW = datetime(2026, 11, 21, tzinfo=UTC)
API = Api("000000000000", "us-east-1", "abcdefghij", "shop", NOW)
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
JWT = Authorizer(
    API.key, "a", "it", "JWT", ("$request.header.Authorization",), issuer="https://issuer.example.com"
)
REQUEST = Authorizer(API.key, "a", "it", "REQUEST", uri=FUNCTION, payload_format_version="2.0")


@pytest.mark.parametrize(("asked", "authorizer"), [("JWT", REQUEST), ("CUSTOM", JWT), ("JWT", None)])
def test_the_route_is_refused(asked: str, authorizer: Authorizer | None) -> None:
    route = Route(API.key, "r", "GET /a", "i", asked, "a")
    integration = Integration(API.key, "i", "AWS_PROXY", FUNCTION, payload_format_version="2.0")
    definition = Definition((route,), (integration,), () if authorizer is None else (authorizer,))
    deployment = Deployment(API.key, "d", NOW, definition)
    stage = Stage(API.key, "$default", NOW, NOW, deployment_id="d")
    snapshot = Snapshot(
        1,
        apis=(API,),
        stages=(stage,),
        deployments=(deployment,),
        ports={API.arn: 4700},
        functions={FUNCTION: ""},
    )
    compiled = compile_snapshot(snapshot)
    (listener,) = compiled.edge.listeners
    found = next(each for each in listener.routes if each.title.startswith("route GET /a"))
    assert found.action == Refuse("authorizer-missing")
    assert "authorizer-missing" in {diagnostic.code for diagnostic in compiled.diagnostics}
