"""The step between two configurations: everything that either of them needs."""

from collections.abc import Mapping

from envoy.config.core.v3.extension_pb2 import TypedExtensionConfig
from envoy.extensions.filters.http.jwt_authn.v3.config_pb2 import JwtAuthentication
from google.protobuf.message import Message


def merge_extensions(old: Mapping[str, Message], new: Mapping[str, Message]) -> dict[str, Message]:
    """Return the new filter configurations, with the old key sets kept in those that verify tokens.

    Routes still point at the old key sets when this is sent; a key set that both name is the new one.
    """
    merged: dict[str, Message] = {**old, **new}
    for name in old.keys() & new.keys():
        before, after = _jwt_authn(old[name]), _jwt_authn(new[name])
        if before is None or after is None:
            continue
        for key, provider in before.providers.items():
            if key not in after.providers:
                after.providers[key].CopyFrom(provider)
        for key, requirement in before.requirement_map.items():
            if key not in after.requirement_map:
                after.requirement_map[key].CopyFrom(requirement)
        config = TypedExtensionConfig(name=name)
        config.typed_config.Pack(after, deterministic=True)
        merged[name] = config
    return merged


def _jwt_authn(message: Message) -> JwtAuthentication | None:
    if not isinstance(message, TypedExtensionConfig):
        return None
    found = JwtAuthentication()
    return found if message.typed_config.Unpack(found) else None
