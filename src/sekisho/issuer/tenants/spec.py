"""The section ``tenants:`` of ``sekisho.yaml``: from plain values to what is declared, or an error with a path.

An example of every member::

    tenants:
      - domain: dev-abc123.us.auth0.com
        apis:
          - identifier: https://alb.example.com/
            name: Products                # default: the identifier
            profile: rfc9068              # auth0 (default) or rfc9068; or token_dialect with Auth0's four values
            scopes: ["read:products"]     # or {value, description}
            token_lifetime: 86400         # seconds
        applications:
          - name: m2m
            client_id: ...                # default: made once, then kept
            client_secret: ...            # likewise
            apis:                         # an identifier grants all permissions, also those added later
              - https://alb.example.com/
              - {identifier: https://other.example.com/, scopes: ["read:things"]}
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

from sekisho.issuer.tenants.resources import SYSTEM_PERMISSIONS, check_domain
from sekisho.kernel.errors import UsageError
from sekisho.kernel.secret import Secret
from sekisho.model.tenants import ApiScope, TokenDialect

MAX_LIFETIME = 2592000
_PROFILES = {"auth0": TokenDialect.AUTH0, "rfc9068": TokenDialect.RFC9068}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ApiSpec:
    """An API as declared."""

    identifier: str
    name: str
    scopes: tuple[ApiScope, ...] = ()
    token_lifetime: int = 86400
    token_dialect: TokenDialect = TokenDialect.AUTH0


@dataclass(frozen=True, slots=True)
class GrantSpec:
    """A grant as declared; ``scopes`` None grants every permission of the API."""

    identifier: str
    scopes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ApplicationSpec:
    """A machine-to-machine application as declared; id and secret None are made once and then kept."""

    name: str
    client_id: str | None = None
    client_secret: Secret | None = None
    grants: tuple[GrantSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class TenantSpec:
    """A tenant as declared."""

    domain: str
    apis: tuple[ApiSpec, ...] = ()
    applications: tuple[ApplicationSpec, ...] = field(default=())


def load_tenant_specs(section: Any) -> tuple[TenantSpec, ...]:
    """Return what the section declares.

    Raises:
        UsageError: it declares something wrong; the message begins with the path, e.g. ``tenants[0].domain``.
    """
    specs = _each(section, "tenants", _tenant)
    _check_unique([spec.domain for spec in specs], "tenants", "domain")
    return specs


def _tenant(value: Any, path: str) -> TenantSpec:
    given = _mapping(value, path, required="domain", optional="apis applications")
    domain = _text(given["domain"], f"{path}.domain")
    try:
        domain = check_domain(domain)
    except UsageError as error:
        _fail(f"{path}.domain", error.message)
    apis = _each(given.get("apis"), f"{path}.apis", _api)
    _check_unique([api.identifier for api in apis], f"{path}.apis", "identifier")
    if f"https://{domain}/api/v2/" in [api.identifier for api in apis]:
        _fail(f"{path}.apis", "every tenant has its Management API; it is not declared")
    applications = _each(given.get("applications"), f"{path}.applications", _application)
    _check_unique([one.name for one in applications], f"{path}.applications", "name")
    _check_unique(
        [one.client_id for one in applications if one.client_id], f"{path}.applications", "client_id"
    )
    spec = TenantSpec(domain, apis, applications)
    _check_grants(spec, path)
    return spec


def _api(value: Any, path: str) -> ApiSpec:
    given = _mapping(
        value, path, required="identifier", optional="name scopes profile token_dialect token_lifetime"
    )
    identifier = _text(given["identifier"], f"{path}.identifier", 600)
    name = _text(given.get("name", identifier[:200]), f"{path}.name", 200)
    if set(name) & set("<>"):
        _fail(f"{path}.name", "must not contain < or >")
    scopes = _each(given.get("scopes"), f"{path}.scopes", _scope)
    _check_unique([scope.value for scope in scopes], f"{path}.scopes", "value")
    lifetime = given.get("token_lifetime", 86400)
    if type(lifetime) is not int or not 0 < lifetime <= MAX_LIFETIME:
        _fail(f"{path}.token_lifetime", f"must be a whole number of seconds from 1 to {MAX_LIFETIME}")
    return ApiSpec(identifier, name, scopes, lifetime, _dialect(given, path))


def _dialect(given: dict[str, Any], path: str) -> TokenDialect:
    if "profile" in given and "token_dialect" in given:
        _fail(path, "give profile or token_dialect, not both")
    if "token_dialect" in given:
        choices = {dialect.value: dialect for dialect in TokenDialect}
        return _choice(given["token_dialect"], f"{path}.token_dialect", choices)
    return _choice(given.get("profile", "auth0"), f"{path}.profile", _PROFILES)


def _scope(value: Any, path: str) -> ApiScope:
    if isinstance(value, str):
        return ApiScope(_scope_value(value, path))
    given = _mapping(value, path, required="value", optional="description")
    description = given.get("description", "")
    if description != "":
        description = _text(description, f"{path}.description", 500)
    return ApiScope(_scope_value(given["value"], f"{path}.value"), description)


def _scope_value(value: Any, path: str) -> str:
    text = _text(value, path, 280)
    if any(character.isspace() for character in text):
        _fail(path, "a scope has no spaces in it")
    return text


def _application(value: Any, path: str) -> ApplicationSpec:
    given = _mapping(value, path, required="name", optional="client_id client_secret apis")
    name = _text(given["name"], f"{path}.name", 200)
    if set(name) & set("<>"):
        _fail(f"{path}.name", "must not contain < or >")
    client_id = given.get("client_id")
    if client_id is not None:
        client_id = _text(client_id, f"{path}.client_id", 64)
        if not client_id.isascii() or not client_id.isalnum():
            _fail(f"{path}.client_id", "must be letters and digits, as Auth0's 32 are")
    secret = given.get("client_secret")
    secret = None if secret is None else Secret(_text(secret, f"{path}.client_secret", 512))
    grants = _each(given.get("apis"), f"{path}.apis", _grant)
    _check_unique([grant.identifier for grant in grants], f"{path}.apis", "identifier")
    return ApplicationSpec(name, client_id, secret, grants)


def _grant(value: Any, path: str) -> GrantSpec:
    if isinstance(value, str):
        return GrantSpec(_text(value, path, 600))
    given = _mapping(value, path, required="identifier", optional="scopes")
    identifier = _text(given["identifier"], f"{path}.identifier", 600)
    if given.get("scopes") is None:
        return GrantSpec(identifier)
    return GrantSpec(identifier, _each(given["scopes"], f"{path}.scopes", _scope_value))


def _check_grants(spec: TenantSpec, path: str) -> None:
    declared = {api.identifier: {scope.value for scope in api.scopes} for api in spec.apis}
    declared[f"https://{spec.domain}/api/v2/"] = set(SYSTEM_PERMISSIONS)
    for at, application in enumerate(spec.applications):
        for number, grant in enumerate(application.grants):
            where = f"{path}.applications[{at}].apis[{number}]"
            if grant.identifier not in declared:
                _fail(where, f"{path}.apis declares no API with the identifier {grant.identifier!r}")
            unknown = [scope for scope in grant.scopes or () if scope not in declared[grant.identifier]]
            if unknown:
                _fail(f"{where}.scopes", f"the API {grant.identifier!r} has no scope {unknown[0]!r}")


# --- plain values -----------------------------------------------------------------------------------------


def _each(value: Any, path: str, load: Callable[[Any, str], T]) -> tuple[T, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        _fail(path, "must be a list")
    return tuple(load(item, f"{path}[{number}]") for number, item in enumerate(value))


def _mapping(value: Any, path: str, *, required: str, optional: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _fail(path, f"must be a mapping with {required}")
    known = [*required.split(), *optional.split()]
    for name in value:
        if name not in known:
            _fail(f"{path}.{name}", f"is not known; known here: {', '.join(known)}")
    for name in required.split():
        if value.get(name) is None:
            _fail(f"{path}.{name}", "is missing")
    return {name: inner for name, inner in value.items() if inner is not None}


def _text(value: Any, path: str, longest: int = 253) -> str:
    if not isinstance(value, str) or not value.strip():
        _fail(path, "must be a text; put it in quotes" if value is not None else "is missing")
    if len(value) > longest:
        _fail(path, f"must have at most {longest} characters")
    return value


def _choice(value: Any, path: str, choices: dict[str, TokenDialect]) -> TokenDialect:
    if not isinstance(value, str) or value not in choices:
        _fail(path, f"must be one of {', '.join(choices)}")
    return choices[value]


def _check_unique(values: list[str], path: str, name: str) -> None:
    for number, value in enumerate(values):
        if value in values[:number]:
            _fail(f"{path}[{number}].{name}", f"{value!r} stands here twice")


def _fail(path: str, message: str) -> NoReturn:
    raise UsageError(f"{path}: {message}")
