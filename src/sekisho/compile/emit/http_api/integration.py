"""What becomes of a request on its way to an integration, and of the response on its way back.

An integration that only has another URL is a rewrite of Envoy's own; parameter mapping, another method and a query in
the URL are carried out by a script.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from envoy.config.route.v3.route_components_pb2 import Route as EnvoyRoute
from envoy.extensions.filters.http.lua.v3.lua_pb2 import LuaPerRoute
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter
from envoy.type.matcher.v3.regex_pb2 import RegexMatchAndSubstitute
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.json_format import ParseDict

from sekisho.compile.emit.http_api.answers import bodies
from sekisho.compile.emit.http_api.request import BODY_LIMIT
from sekisho.compile.emit.lua import lua_filter, read_lua
from sekisho.compile.emit.patterns import regex_matcher, template_regex
from sekisho.compile.emit.resources import enable
from sekisho.kernel.parameter_mapping import Change, Part, Source
from sekisho.kernel.route_key import SegmentKind, find_template_variables, parse_path
from sekisho.model.ir import HttpApiGuard, Listener, Pattern, PatternKind, Route
from sekisho.model.ir_http_api import Changes, Invoke, Proxy

_NAME = "sekisho.integration"
_SOURCE = read_lua(
    *(f"encodings/{name}.lua" for name in ("utf8", "base64url", "query")),
    *(f"http_api/{name}.lua" for name in ("json", "values", "changes", "integration")),
)
_ANY_PATH = "^/.*$"


def emit_integration(_listener: Listener) -> HttpFilter:
    """Return the filter, which runs on the routes that turn it on."""
    return lua_filter(_NAME, _SOURCE, disabled=True, BODIES=bodies(500))


def enable_integration() -> Mapping[str, AnyMessage]:
    """Return the configuration of a route after which another one may map parameters."""
    return {_NAME: enable(LuaPerRoute())}


def set_path(emitted: EnvoyRoute, route: Route) -> Mapping[str, AnyMessage]:
    """Let an emitted route rewrite the request, and return what the script needs to know for that.

    The result is empty where Envoy itself rewrites.
    """
    action = route.action
    if isinstance(action, Invoke):
        return _script(emitted, route, action.changes, {}) if _has_changes(action.changes) else {}
    if not isinstance(action, Proxy):
        return {}
    if not _needs_script(route, action):
        if action.path is not None:
            emitted.route.regex_rewrite.CopyFrom(_rewrite(route, action.path))
        emitted.route.host_rewrite_literal = action.authority
        return {}
    target: dict[str, Any] = {}
    if any(change.place == "header" and change.name == "host" for change in action.changes.request):
        target["authority"] = action.authority
    else:
        emitted.route.host_rewrite_literal = action.authority
    if action.method is not None:
        target["method"] = action.method
    if action.path is not None:
        path, _, query = action.path.partition("?")
        target["path"] = _parts(path)
        if query:
            target["query"] = _parts(query)
    return _script(emitted, route, action.changes, target)


def _parts(text: str) -> list[dict[str, str]]:
    return [
        {"variable": part} if is_variable else {"text": part}
        for is_variable, part in find_template_variables(text)
    ]


def _needs_script(route: Route, action: Proxy) -> bool:
    has_query = action.path is not None and "?" in action.path
    # A root that is written in two ways is more than one expression can take apart.
    return _has_changes(action.changes) or action.method is not None or has_query or len(route.match.path) > 1


def _has_changes(changes: Changes) -> bool:
    return bool(changes.request or changes.responses)


def _rewrite(route: Route, path: str) -> RegexMatchAndSubstitute:
    pattern = route.match.path[0] if route.match.path else None
    groups: dict[str, int] = {}
    regex = _ANY_PATH
    if pattern is not None and pattern.kind is PatternKind.TEMPLATE:
        regex = f"^{template_regex(pattern.text)}$"
        names = (one.text for one in parse_path(pattern.text) if one.kind is not SegmentKind.STATIC)
        groups = {name: number for number, name in enumerate(names, 1)}
    substitution = "".join(
        f"\\{groups[text]}" if is_variable else text.replace("\\", "\\\\")
        for is_variable, text in find_template_variables(path)
    )
    return RegexMatchAndSubstitute(pattern=regex_matcher(regex), substitution=substitution)


def _script(
    emitted: EnvoyRoute, route: Route, changes: Changes, target: Mapping[str, Any]
) -> Mapping[str, AnyMessage]:
    context = {**target, **_describe_path(route.match.path), **_describe_changes(changes)}
    if context.get("response_reads_body"):
        # It is the limit of both bodies, and without it one of Envoy's own answers 500 from 1 MB on.
        emitted.request_body_buffer_limit.value = BODY_LIMIT
    if isinstance(route.guard, HttpApiGuard):
        context |= {"token_source": route.guard.source, "token_name": route.guard.source_name}
    config = ParseDict({"filter_context": {"integration": context}}, LuaPerRoute())
    return {_NAME: enable(config)}


def _describe_path(patterns: tuple[Pattern, ...]) -> dict[str, Any]:
    """Return the segments of the route's path, the stage's name among them as a text."""
    template = next((each.text for each in patterns if each.kind is PatternKind.TEMPLATE), None)
    if template is None:
        return {}
    segments: list[dict[str, Any]] = []
    for segment in parse_path(template):
        if segment.kind is SegmentKind.STATIC:
            segments.append({"text": segment.text})
        else:
            greedy = segment.kind is SegmentKind.GREEDY
            segments.append({"variable": segment.text, **({"greedy": True} if greedy else {})})
    return {"segments": segments}


def _describe_changes(changes: Changes) -> dict[str, Any]:
    responses = {str(status): list(map(_change, given)) for status, given in changes.responses}
    parts = [part for _, given in changes.responses for change in given for part in change.value]
    context: dict[str, Any] = {
        "request": [_change(change) for change in changes.request],
        "reads_body": _reads_body(part for change in changes.request for part in change.value),
        "known": dict(changes.known),
        "prefix": changes.prefix,
    }
    if responses:
        remembered = sorted({part.name for part in parts if part.source is Source.CONTEXT})
        context |= {
            "responses": responses,
            "response_reads_body": _reads_body(parts),
            "remembered": remembered,
        }
    return context


def _reads_body(parts: Iterable[Part]) -> bool:
    return any(part.source is Source.BODY for part in parts)


def _change(change: Change) -> dict[str, Any]:
    return {
        "verb": change.verb,
        "place": change.place,
        "name": change.name,
        "value": [{"source": part.source.value, "name": part.name} for part in change.value],
    }
