"""From an OpenAPI definition to the requests that make the API.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import yaml

from sekisho.kernel.route_key import METHODS
from sekisho.model.apigatewayv2 import DEFAULT
from sekisho.services.apigatewayv2.errors import bad_request
from sekisho.services.apigatewayv2.openapi.parts import read_cors, read_integration, read_scheme

ANY_METHOD = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
INTEGRATIONS = "x-amazon-apigateway-integrations"
CORS = "x-amazon-apigateway-cors"
TAG_VALUE = "x-amazon-apigateway-tag-value"
ENDPOINT = "x-amazon-apigateway-endpoint-configuration"
LARGEST = 6 * 1024 * 1024
_NAME_LIMIT = 64
_NONE = "NONE"
_BESIDE_OPERATIONS = frozenset(("$ref", "description", "parameters", "servers", "summary", "trace"))
"""What OpenAPI has in a path item besides the operations that a route can stand for."""


@dataclass(frozen=True, slots=True)
class ImportedRoute:
    """A route of a definition.

    Attributes:
        integration: the request that makes its integration; None where it has none.
        shared: the name of the integration where several routes refer to it.
        scheme: the name of its security scheme; None where it is open.
    """

    route_key: str
    operation_name: str | None
    integration: Mapping[str, Any] | None
    shared: str | None
    scheme: str | None
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What a definition asks for.

    Attributes:
        api: members of the request that makes the API, but for its protocol.
        authorizers: by the name of their scheme, the requests that make them.
        signed: names of the schemes that stand for AWS_IAM.
        broken: names of the schemes that nobody can carry out, and why.
    """

    api: Mapping[str, Any]
    routes: tuple[ImportedRoute, ...]
    authorizers: Mapping[str, Mapping[str, Any]]
    signed: frozenset[str]
    broken: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def read_openapi(text: str, base_path: str = "ignore") -> Imported:
    """Read a definition in JSON or YAML; ``base_path`` is ``ignore``, ``prepend`` or ``split``.

    Raises:
        ServiceError: it is no OpenAPI 3.0 definition.
    """
    document = _load(text)
    warnings: list[str] = []
    authorizers: dict[str, Mapping[str, Any]] = {}
    signed: set[str] = set()
    broken: dict[str, str] = {}
    components = _mapping(document.get("components"))
    for name, scheme in _mapping(components.get("securitySchemes")).items():
        read = read_scheme(name, _mapping(scheme))
        if isinstance(read, str):
            broken[name] = read
        elif read is None:
            signed.add(name)
        else:
            authorizers[name] = read
    prefix = _base_path(document, base_path)
    routes = tuple(_routes(document, components, prefix, warnings))
    return Imported(_api(document, warnings), routes, authorizers, frozenset(signed), broken, tuple(warnings))


def _load(text: str) -> Mapping[str, Any]:
    if len(text) > LARGEST:
        raise bad_request(f"A definition has at most {LARGEST} characters")
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError):
        raise _malformed("/") from None
    if not isinstance(document, dict):
        raise _malformed("/")
    if not str(document.get("openapi", "")).startswith("3.0"):
        raise bad_request("Only OpenAPI 3.0 is supported: the member openapi must be 3.0.x")
    if not isinstance(document.get("paths", {}), dict):
        raise _malformed("./paths")
    return document


def _malformed(path: str) -> Exception:
    return bad_request(f"Unable to parse API definition because of a malformed definition at path {path}")


def _api(document: Mapping[str, Any], warnings: list[str]) -> dict[str, Any]:
    info = _mapping(document.get("info"))
    if not info.get("title"):
        raise bad_request("Unable to create API: a title is required in info")
    api: dict[str, Any] = {"Name": str(info["title"])}
    for member, name in (("Description", "description"), ("Version", "version")):
        if info.get(name) is not None:
            api[member] = str(info[name])
    if CORS in document:
        cors = read_cors(_mapping(document[CORS]))
        if cors is None:
            warnings.append("CORS Scheme is malformed, ignoring.")
        else:
            api["CorsConfiguration"] = cors
    tags = _objects(document.get("tags"))
    api["Tags"] = {
        str(one["name"]): str(one[TAG_VALUE]) for one in tags if "name" in one and TAG_VALUE in one
    }
    endpoint = next((_mapping(one.get(ENDPOINT)) for one in _servers(document) if ENDPOINT in one), {})
    if endpoint.get("disableExecuteApiEndpoint") is True:
        api["DisableExecuteApiEndpoint"] = True
    return api


def _servers(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return _objects(document.get("servers"))


def _base_path(document: Mapping[str, Any], choice: str) -> str:
    if choice not in ("ignore", "prepend", "split"):
        raise bad_request(f"Invalid basepath {choice}: it is ignore, prepend or split")
    servers = _servers(document)
    if choice == "ignore" or not servers:
        return ""
    url = str(servers[0].get("url", ""))
    for name, variable in _mapping(servers[0].get("variables")).items():
        url = url.replace(f"{{{name}}}", str(_mapping(variable).get("default", "")).strip("/"))
    try:
        path = urlsplit(url).path.strip("/")
    except ValueError:
        raise _malformed("./servers") from None
    if choice == "split":
        path = path.partition("/")[2]
    return f"/{path}" if path else ""


def _routes(
    document: Mapping[str, Any], components: Mapping[str, Any], prefix: str, warnings: list[str]
) -> Iterator[ImportedRoute]:
    for path, item in _texts(document.get("paths")):
        for name, operation in _texts(item):
            method = "ANY" if name == ANY_METHOD else name.upper()
            if method not in (*METHODS, "ANY") or not isinstance(operation, dict):
                if name not in _BESIDE_OPERATIONS and not name.startswith("x-"):
                    warnings.append(f"{name} of the path {path} is no operation of a route.")
                continue
            key = _route_key(path, prefix, method, operation)
            shared, raw = _find_integration(operation, components)
            integration = None if raw is None else read_integration(raw)
            if integration is None:
                warnings.append(f"Route {key} has no integration.")
            scheme, scopes = _security(operation, document, f"./paths/{path}/{name}/security")
            operation_name = str(operation.get("operationId") or "") or None
            if operation_name is not None and len(operation_name) > _NAME_LIMIT:
                operation_name = None
            yield ImportedRoute(key, operation_name, integration, shared, scheme, scopes)


def _route_key(path: str, prefix: str, method: str, operation: Mapping[str, Any]) -> str:
    if operation.get("isDefaultRoute") is True or path.strip("/") == DEFAULT:
        return DEFAULT
    return f"{method} {(prefix + path).rstrip('/') or '/'}"


def _find_integration(
    operation: Mapping[str, Any], components: Mapping[str, Any]
) -> tuple[str | None, Mapping[str, Any] | None]:
    """Return the integration of an operation, and its name where it stands among the components."""
    given = operation.get(INTEGRATION)
    if not isinstance(given, dict):
        return None, None
    reference = given.get("$ref")
    if reference is None:
        return None, given
    begin = f"#/components/{INTEGRATIONS}/"
    name = str(reference).removeprefix(begin)
    found = _mapping(components.get(INTEGRATIONS)).get(name)
    if not str(reference).startswith(begin) or not isinstance(found, dict):
        raise bad_request(f"Unable to resolve the integration {reference}")
    return name, found


def _security(
    operation: Mapping[str, Any], document: Mapping[str, Any], place: str
) -> tuple[str | None, tuple[str, ...]]:
    """Return the security scheme of an operation, its own before the document's, and the scopes.

    Raises:
        ServiceError: what stands there means nothing, and the route would be open.
    """
    given = operation.get("security", document.get("security"))
    if not isinstance(given, list | None) or not all(isinstance(one, dict) for one in given or ()):
        raise _malformed(place)
    schemes = _mapping(_mapping(document.get("components")).get("securitySchemes"))
    for requirement in given or ():
        for name, scopes in requirement.items():
            if not isinstance(scopes, list | None):
                raise _malformed(place)
            if name == _NONE and name not in schemes:  # HTTP-API-18
                return None, ()
            return str(name), tuple(str(scope) for scope in scopes or ())
    return None, ()


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the members of an object; YAML has keys that are no text."""
    return ((str(name), member) for name, member in _mapping(value).items())
