"""Compiled resources as one static bootstrap, so that ``envoy --mode validate`` reads all of them."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.json_format import MessageToDict

from sekisho.compile.compile import Compiled
from sekisho.compile.emit.resources import CLUSTER, ENDPOINTS, EXTENSION, LISTENER, ROUTES

_CONTROL = {"name": "sekisho_control", "type": "STATIC", "connect_timeout": "1s"}


def static_bootstrap(compiled: Compiled) -> dict[str, Any]:
    """Return a bootstrap with everything inline that Envoy would otherwise discover."""
    shown = {
        type_url: {
            name: MessageToDict(message, preserving_proto_field_name=True)
            for name, message in resources.items()
        }
        for type_url, resources in compiled.resources.items()
    }
    for listener in shown[LISTENER].values():
        for chain in listener["filter_chains"]:
            for each in chain["filters"]:
                _inline(each["typed_config"], shown[ROUTES], shown[EXTENSION])
    for name, cluster in shown[CLUSTER].items():
        del cluster["eds_cluster_config"]
        cluster.update(type="STATIC", load_assignment=shown[ENDPOINTS][name])
    return {
        "static_resources": {
            "listeners": [*shown[LISTENER].values()],
            "clusters": [*shown[CLUSTER].values(), _CONTROL],
        },
        "layered_runtime": {
            "layers": [{"name": "static", "static_layer": {"re2.max_program_size.error_level": 100000}}]
        },
    }


def _inline(manager: dict[str, Any], routes: Mapping[str, Any], extensions: Mapping[str, Any]) -> None:
    if "rds" in manager:
        manager["route_config"] = routes[manager.pop("rds")["route_config_name"]]
        manager["route_config"]["validate_clusters"] = True
    for each in manager.get("http_filters", ()):
        if "config_discovery" in each:
            del each["config_discovery"]
            each["typed_config"] = extensions[each["name"]]["typed_config"]
