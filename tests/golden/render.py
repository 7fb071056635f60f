"""Values as YAML that a person can review: defaults are left out, scripts and secrets are named."""

import dataclasses
import re
from enum import Enum
from typing import Any

import yaml
from google.protobuf.json_format import MessageToDict

from sekisho.compile.compile import Compiled


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.Node:
    style = "|" if "\n" in data else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _text)


def to_yaml(value: Any) -> str:
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def render(compiled: Compiled, *, whole: bool) -> dict[str, str]:
    """Return the files of a golden case by their names; ``whole`` keeps what is alike in all cases."""
    shorten = _shorten if whole else lambda value: _leave_out(_shorten(value))
    envoy = {
        type_url.rpartition(".")[2]: {
            name: shorten(MessageToDict(message, preserving_proto_field_name=True))
            for name, message in resources.items()
        }
        for type_url, resources in compiled.resources.items()
    }
    return {
        "ir.yaml": to_yaml(_plain(compiled.edge)),
        "envoy.yaml": to_yaml(envoy),
        "diagnostics.yaml": to_yaml([_plain(diagnostic) for diagnostic in compiled.diagnostics]),
    }


def _leave_out(value: Any) -> Any:
    """Name what every listener and every route table has alike."""
    if isinstance(value, list):
        return [_leave_out(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("name") in _ALIKE or "stateful_formatter" in value:
        return f"<{value.get('name', 'preserve case')}>"
    if "typed_per_filter_config" in value:
        configs = value["typed_per_filter_config"]
        kept = {name: config for name, config in configs.items() if config.get("disabled") is not True}
        value = {**value, "typed_per_filter_config": kept}
    return {
        key: [each.get("name") for each in inner]
        if key in {"http_filters", "access_log"}
        else _leave_out(inner)
        for key, inner in value.items()
    }


_ALIKE = {"connect", "trace", "forwarded-for", "normalize", "plain", "sekisho.peer"}


def _plain(value: Any) -> Any:
    """Return a dataclass as plain values, without what is as by default and without private keys."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if not dataclasses.is_dataclass(value):
        return value
    found = {}
    for field in dataclasses.fields(value):
        each = getattr(value, field.name)
        if not field.repr or str(each).startswith("-----BEGIN "):
            found[field.name] = "<PEM>"
        elif each != field.default:
            found[field.name] = _plain(each)
    # A union's members look alike without their names.
    return {"is": type(value).__name__, **found}


_NAMED = {"local_reply_config": "<local replies>"}


def _shorten(value: Any) -> Any:
    """Name scripts, pages and keys instead of repeating them; they have tests of their own."""
    if isinstance(value, dict):
        return {key: _NAMED.get(key) or _shorten(each) for key, each in sorted(value.items())}
    if isinstance(value, list):
        return [_shorten(each) for each in value]
    if not isinstance(value, str):
        return value
    if "function envoy_on_request" in value:
        constants = re.findall(r"(?m)\Alocal .*\n(?:local [A-Z_]+ = .*\n)*", value)
        kept = constants[0].splitlines() if constants else []
        return "\n".join([line for line in kept if "PAGES" not in line and "= " in line] + ["<script>"])
    page = re.match(r"<html>\r\n<head><title>(.*)</title>", value)
    if page:
        return f"<page {page[1]}>"
    return "<PEM>" if value.startswith("-----BEGIN ") else value
