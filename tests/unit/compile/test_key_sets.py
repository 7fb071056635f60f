import pytest
from tests.golden.cases import CASES

from sekisho.compile.compile import compile_snapshot
from sekisho.model.ir import KeySetState


@pytest.mark.semantics("EDGE-05")
def test_security_groups_keep_a_load_balancer_from_its_keys() -> None:
    compiled = compile_snapshot(CASES["no-egress"]())
    states = {key_set.name: key_set.state for key_set in compiled.edge.key_sets}
    guards = {
        listener.arn.split("/")[2]: states[route.guard.key_set]
        for listener in compiled.edge.listeners
        for route in listener.routes
        if route.guard is not None
    }
    # Rules of several groups add up; a group that nobody knows may allow anything.
    ready, unreachable = KeySetState.READY, KeySetState.UNREACHABLE
    assert guards == {"closed": unreachable, "open": ready, "unknown": ready}
    (finding,) = (one for one in compiled.diagnostics if one.code == "jwks-no-egress")
    assert finding.rule == "EDGE-05"
    assert "/app/closed/" in finding.arn
    assert "no outbound rule allows TCP 443" in finding.message
