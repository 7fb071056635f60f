"""The transforms of a rule: regular expressions on Host, and on path and query together.

Envoy's own rewrites know the path without the query only, and Lua has no regular expressions. So one filter rewrites
the texts with RE2 and a script puts them in force.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html
"""

import re
from collections.abc import Mapping

from envoy.extensions.filters.http.header_to_metadata.v3.header_to_metadata_pb2 import Config
from envoy.extensions.filters.http.lua.v3.lua_pb2 import LuaPerRoute
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter
from envoy.type.matcher.v3.regex_pb2 import RegexMatchAndSubstitute
from google.protobuf.any_pb2 import Any
from google.protobuf.json_format import ParseDict

from sekisho.compile.emit.lua import lua_filter, pages, read_lua
from sekisho.compile.emit.patterns import regex_matcher
from sekisho.compile.emit.resources import enable, pack
from sekisho.model.ir import Listener, Rewrite, RewriteKind

_VALUES = "sekisho.rewrite_values"
_APPLY = "sekisho.rewrite"
_SOURCE = read_lua("filters/rewrite.lua")
_HEADERS = {RewriteKind.HOST: ":authority", RewriteKind.URL: ":path"}


def emit_rewrite_values(_listener: Listener) -> HttpFilter:
    """Return the filter that computes the rewritten texts, on the routes that have any."""
    return HttpFilter(name=_VALUES, typed_config=pack(Config()), disabled=True)


def emit_rewrite(_listener: Listener) -> HttpFilter:
    """Return the filter that puts the rewritten texts in force, on the routes that have any."""
    return lua_filter(_APPLY, _SOURCE, disabled=True, PAGES=pages(500))


def enable_rewrite() -> Mapping[str, Any]:
    """Return the configuration of a route after which another one may rewrite."""
    # Envoy wants a rule in it; no request has this header, as the prefix is the edge's own.
    nothing = Config.Rule(header="x-sekisho-none", on_header_present=Config.KeyValuePair(key="none"))
    return {
        _VALUES: enable(Config(request_rules=[nothing])),
        _APPLY: enable(LuaPerRoute()),
    }


def emit_rewrite_route(rewrites: tuple[Rewrite, ...]) -> Mapping[str, Any]:
    """Return the configuration of a route with rewrites, by the name of the filter."""
    values = Config(request_rules=[_rule(rewrite) for rewrite in rewrites])
    context = {rewrite.kind.value: True for rewrite in rewrites}
    return {
        _VALUES: enable(values),
        _APPLY: enable(ParseDict({"filter_context": context}, LuaPerRoute())),
    }


def _rule(rewrite: Rewrite) -> Config.Rule:
    return Config.Rule(
        header=_HEADERS[rewrite.kind],
        on_header_present=Config.KeyValuePair(
            metadata_namespace=_APPLY,
            key=rewrite.kind.value,
            regex_value_rewrite=RegexMatchAndSubstitute(
                pattern=regex_matcher(rewrite.regex), substitution=_substitution(rewrite.replace)
            ),
        ),
    )


def _substitution(replace: str) -> str:
    """Return a replacement in RE2's spelling, where ``$1`` is ``\\1`` and a backslash is two."""
    return re.sub(r"\$(?:([0-9])|\{([0-9])\})", r"\\\1\2", replace.replace("\\", "\\\\"))
