"""Throttling: a token bucket for each route that has limits.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
"""

import math
from collections.abc import Mapping

from envoy.config.core.v3.base_pb2 import RuntimeFractionalPercent
from envoy.extensions.filters.http.local_ratelimit.v3.local_rate_limit_pb2 import LocalRateLimit
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter
from envoy.type.v3.percent_pb2 import FractionalPercent
from envoy.type.v3.token_bucket_pb2 import TokenBucket
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.wrappers_pb2 import UInt32Value

from sekisho.compile.emit.resources import pack
from sekisho.model.ir import Listener
from sekisho.model.ir_http_api import Throttle

_NAME = "envoy.filters.http.local_ratelimit"
_SHORTEST = 0.05
"""Seconds: Envoy fills no bucket more often."""

_LONGEST = 10 * 365 * 86_400.0
"""Seconds: a bucket that is filled every ten years is as good as never filled, and Envoy takes no longer ones."""

_LARGEST = 2**32 - 1
_ALWAYS = RuntimeFractionalPercent(
    default_value=FractionalPercent(numerator=100, denominator=FractionalPercent.HUNDRED)
)


def emit_throttle(_listener: Listener) -> HttpFilter:
    """Return the filter; without a configuration of the route it does nothing."""
    return HttpFilter(name=_NAME, typed_config=pack(LocalRateLimit(stat_prefix="throttle")))


def emit_throttle_route(throttle: Throttle | None) -> Mapping[str, Any]:
    """Return the configuration of a route, by the name of the filter; empty where it has no limits."""
    if throttle is None or is_closed(throttle):
        return {}
    config = LocalRateLimit(
        stat_prefix="throttle",
        token_bucket=_bucket(throttle),
        filter_enabled=_ALWAYS,
        filter_enforced=_ALWAYS,
        always_consume_default_token_bucket={"value": True},
    )
    return {_NAME: pack(config)}


def is_closed(throttle: Throttle) -> bool:
    """Tell whether a limit of zero lets nothing through (HTTP-EDGE-06)."""
    return throttle.rate == 0 or throttle.burst == 0


def _bucket(throttle: Throttle) -> TokenBucket:
    """Return the bucket; without a burst it holds a second's tokens, without a rate it is filled at once."""
    rate = float(_LARGEST) if throttle.rate is None else throttle.rate
    burst = max(1, math.ceil(rate)) if throttle.burst is None else throttle.burst
    # The fewest tokens at a time that need no shorter interval than Envoy has.
    tokens = max(1, math.ceil(rate * _SHORTEST))
    nanoseconds = round(min(tokens / rate, _LONGEST) * 1e9)
    return TokenBucket(
        max_tokens=min(burst, _LARGEST),
        tokens_per_fill=UInt32Value(value=min(tokens, _LARGEST)),
        fill_interval=Duration(seconds=nanoseconds // 10**9, nanos=nanoseconds % 10**9),
    )
