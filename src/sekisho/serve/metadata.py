"""Reading what Envoy's filters leave with a request: dynamic metadata.

https://www.envoyproxy.io/docs/envoy/latest/configuration/advanced/well_known_dynamic_metadata
"""

import json
from typing import Any

from envoy.config.core.v3.base_pb2 import Metadata
from google.protobuf.struct_pb2 import Value

from sekisho.compile.emit.filters.policy import DECISION_KEY, DECISION_METADATA


def read_text(metadata: Metadata, namespace: str, key: str) -> str:
    """Return the text that a filter has left under a key, empty where it has left none."""
    if namespace not in metadata.filter_metadata:
        return ""
    fields = metadata.filter_metadata[namespace].fields
    return str(fields[key].string_value) if key in fields else ""


def read_members(metadata: Metadata, namespace: str) -> dict[str, Any]:
    """Return all that a filter has left: texts, and dicts of them."""
    if namespace not in metadata.filter_metadata:
        return {}
    return {name: _plain(value) for name, value in metadata.filter_metadata[namespace].fields.items()}


def read_decision(metadata: Metadata) -> dict[str, Any]:
    """Return what the policy has said of a guarded request; empty for the others."""
    record = read_text(metadata, DECISION_METADATA, DECISION_KEY)
    found = json.loads(record) if record else {}
    return found if isinstance(found, dict) else {}


def _plain(value: Value) -> Any:
    if value.HasField("struct_value"):
        return {name: _plain(member) for name, member in value.struct_value.fields.items()}
    return value.string_value
