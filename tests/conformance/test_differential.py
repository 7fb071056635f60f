"""Generated policies, key sets, tokens and headers: the reference and the edge must say the same.

``make fuzz`` goes on from here for as long as one likes. A difference that it finds becomes a vector.
"""

from pathlib import Path

import pytest
from envoy.extensions.filters.http.lua.v3.lua_pb2 import Lua
from tests.conformance.differing import Differ

from sekisho.compile.emit.filters.policy import emit_policy

SEED = 20261121
CASES = 20_000
PLANTED_CASES = 2_000

PLANTED = {
    "expiry": ("return now < date * 1000 + guard.leeway", "return now > date * 1000 + guard.leeway"),
    "seconds for milliseconds": (
        "return date * 1000 <= now + guard.leeway",
        "return date <= now + guard.leeway",
    ),
    "issuer by prefix": (
        "payload.iss ~= guard.issuer then -- ALB",
        "not payload.iss:find(guard.issuer, 1, true) then -- ALB",
    ),
    "issuer ignored": ("if payload.iss ~= guard.issuer then -- HTTP", "if false then -- HTTP"),
    "audience beside aud": ("if payload.aud == nil then -- HTTP-JWT-15", "if payload.client_id ~= nil then"),
    "signature ignored": ("elseif not verified then -- ALB-JWT-14", "elseif false then"),
    "any word": ("~= guard.every_word then", "~= false then"),
    "array or string": (
        "fits = is_string_array,",
        'fits = function(value) return type(value) ~= "number" end,',
    ),
    "scope before scp": ("local scopes = payload.scp --", "local scopes = payload.scope or payload.scp --"),
    "crit ignored": ("return header.crit ~= nil or header.b64 ~= nil", "return header.b64 ~= nil"),
    "key's algorithm ignored": ('(alg == "" or alg == header.alg)', "true"),
    "stray bits": ("if not modulus or SEXTET", "if not modulus or false and SEXTET"),
    "duplicate members": ("assert(object[name] == nil) -- TOKEN-04", ""),
    "control characters": (r"""text:find('[%z\1-\31"\\]', position)""", r"""text:find('["\\]', position)"""),
    "surrogates": ("assert(code < 0xDC00 or code > 0xDFFF)", ""),
    "order of nbf and types": (
        "elseif has_wrong_type(token.payload) then\n    return ALB",
        "elseif false then\n    return ALB",
    ),
    "any scheme": ('if scheme ~= "Bearer" and not (', 'if scheme == "Basic" and not ('),
    "state ignored": ('if guard.state ~= "ready" then -- ALB', 'if guard.state == "pending" then -- ALB'),
}
"""What is planted -> what stands in the program, and what is put there instead."""


@pytest.fixture(scope="module")
def differ() -> Differ:
    return Differ(SEED)


@pytest.mark.slow
def test_reference_and_edge_agree(differ: Differ, tmp_path: Path) -> None:
    with differ.running(tmp_path) as lab:
        found = next(differ.differences(lab, differ.cases(CASES)), None)
        assert found is None, f"seed {SEED}: {differ.shrink(lab, found)}"


@pytest.fixture(scope="module")
def planted_cases() -> tuple[Differ, list[dict[str, object]]]:
    differ = Differ(SEED + 1)
    return differ, differ.cases(PLANTED_CASES)


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_found(
    name: str, planted_cases: tuple[Differ, list[dict[str, object]]], tmp_path: Path
) -> None:
    differ, cases = planted_cases
    program = emit_policy().default_source_code.inline_string
    right, wrong = PLANTED[name]
    assert program.count(right) == 1, f"{right!r} no longer stands once in the program"
    planted = Lua()
    planted.default_source_code.inline_string = program.replace(right, wrong)
    with differ.running(tmp_path, planted) as lab:
        assert next(differ.differences(lab, cases), None) is not None
