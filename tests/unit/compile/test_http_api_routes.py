"""What Envoy takes of the routes of an HTTP API: it refuses a whole table for one value out of bounds."""

import json

import pytest
from envoy.extensions.filters.http.local_ratelimit.v3.local_rate_limit_pb2 import LocalRateLimit

from sekisho.compile.emit.http_api.routes import emit_http_api_routes
from sekisho.compile.emit.http_api.throttle import emit_throttle_route
from sekisho.model.choices import DEFAULT_CHOICES
from sekisho.model.ir import Flavour, Listener, Match, Route
from sekisho.model.ir_http_api import Invoke, Throttle


@pytest.mark.parametrize("call", [{}, {"route": "GET /a  b", "v": " %" * 30_000 + "\u3042"}])
def test_what_a_function_is_told_comes_in_headers_that_envoy_takes(call: dict[str, str]) -> None:
    route = Route("r", "a", 0, Match(), Invoke("functions", json.dumps(call), 30))
    table = emit_http_api_routes(Listener("l", "l", Flavour.HTTP_API, 1, 443, (route,)), {}, DEFAULT_CHOICES)
    headers = {
        each.header.key: each.header.value for each in table.virtual_hosts[0].routes[1].request_headers_to_add
    }
    parts = [value for name, value in headers.items() if name.startswith("x-sekisho-call-")]
    assert all(len(part) <= 16_384 and part == part.strip() and part.isascii() for part in parts)
    assert json.loads("".join(parts).replace("%%", "%")) == call


@pytest.mark.semantics("HTTP-EDGE-06")
@pytest.mark.parametrize("rate", [1e-300, 1e-12, 0.1, 1.0, 12_345.6, 1e18, None])
@pytest.mark.parametrize("burst", [1, 2**31 - 1, None])
def test_a_bucket_that_envoy_takes(rate: float | None, burst: int | None) -> None:
    config = LocalRateLimit()
    (packed,) = emit_throttle_route(Throttle(rate, burst)).values()
    assert packed.Unpack(config)
    interval = config.token_bucket.fill_interval.ToNanoseconds() / 1e9
    assert 0.049 <= interval <= 400_000_000
    assert 1 <= config.token_bucket.tokens_per_fill.value < 2**32
    assert 1 <= config.token_bucket.max_tokens < 2**32
