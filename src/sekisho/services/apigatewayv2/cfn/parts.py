"""How CloudFormation makes routes, integrations and authorizers, which have the same life.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-route.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-integration.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-authorizer.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.apigatewayv2.cfn.common import delete_resource, members_of, pick, reset

Properties = Mapping[str, Any]


def _as_given(wanted: Properties, _had: Properties) -> dict[str, Any]:
    return dict(wanted)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of an API, by its noun.

    Attributes:
        noun: as the operations call it, e.g. ``Route``.
        settings: its properties besides ``ApiId``.
        required: those of them that must be given.
        defaults: what an update sets where the template does not give a property any more.
        translate: turns properties, and those that were applied before, into members of the operations.
    """

    noun: str
    settings: tuple[str, ...]
    required: tuple[str, ...]
    defaults: Properties
    translate: Callable[[Properties, Properties], dict[str, Any]] = field(default=_as_given)

    def core_type(self) -> CoreType:
        """Return how CloudFormation handles it."""
        return CoreType(
            name=f"AWS::ApiGatewayV2::{self.noun}",
            service="apigatewayv2",
            properties=frozenset((*self.settings, "ApiId")),
            create=self._create,
            update=self._update,
            delete=self._delete,
            read=self._read,
            required=frozenset((*self.required, "ApiId")),
            create_only=frozenset({"ApiId"}),
        )

    def _create(self, calls: Calls, desired: Desired) -> str:
        params = self.translate(pick(desired.properties, *self.settings, "ApiId"), {})
        return str(calls(f"Create{self.noun}", params)[f"{self.noun}Id"])

    def _update(self, calls: Calls, desired: Desired, applied: Applied) -> None:
        wanted = {**pick(desired.properties, *self.settings), **reset(desired, applied, self.defaults)}
        params = self.translate(wanted, applied.properties)
        calls(f"Update{self.noun}", {**self._key(applied), **params})

    def _delete(self, calls: Calls, applied: Applied) -> None:
        delete_resource(calls, f"Delete{self.noun}", self._key(applied))

    def _read(self, _calls: Calls, applied: Applied) -> Properties:
        return {f"{self.noun}Id": applied.physical_id}

    def _key(self, applied: Applied) -> dict[str, Any]:
        return {"ApiId": applied.properties["ApiId"], f"{self.noun}Id": applied.physical_id}


def _translate_parameters(wanted: Properties, had: Properties) -> dict[str, Any]:
    """Return an integration's properties with parameter mappings as the operations have them.

    An update takes out a mapping whose value is empty.
    """
    translated = dict(wanted)
    if "RequestParameters" in wanted or "RequestParameters" in had:
        dropped = dict.fromkeys(members_of(had, "RequestParameters"), "")
        translated["RequestParameters"] = {**dropped, **_named(members_of(wanted, "RequestParameters"))}
    if "ResponseParameters" in wanted or "ResponseParameters" in had:
        old, new = _responses(had), _responses(wanted)
        translated["ResponseParameters"] = {
            status: {**dict.fromkeys(old.get(status, {}), ""), **_named(new.get(status, {}))}
            for status in (*old, *(status for status in new if status not in old))
        }
    return translated


def _named(mappings: Properties) -> dict[str, Any]:
    """Return mappings so that none that is wanted has an empty value, which would take it away."""
    return {
        key: value or "''" if str(key).startswith("remove:") else value for key, value in mappings.items()
    }


def _responses(properties: Properties) -> dict[str, dict[str, str]]:
    """Return the response parameters by status, as the operations have them: destination -> source.

    Raises:
        ServiceError: they are not built as the documentation says.
    """
    given = properties.get("ResponseParameters") or {}
    try:
        return {
            status: {one["Destination"]: one["Source"] for one in body.get("ResponseParameters") or ()}
            for status, body in given.items()
        }
    except (AttributeError, KeyError, TypeError):
        # The schema that AWS publishes leaves their shape open.
        raise ServiceError(
            "InvalidRequest",
            "ResponseParameters must be, by status code, an object with a list ResponseParameters of objects with"
            " Destination and Source.",
        ) from None


def _translate_issuer(wanted: Properties, had: Properties) -> dict[str, Any]:
    """Return an authorizer's properties so that what it does not say any more of its issuer is taken away."""
    is_gone = had.get("AuthorizerType") == wanted.get("AuthorizerType") and "JwtConfiguration" in had
    jwt = wanted.get("JwtConfiguration", {} if is_gone else None)
    nothing = {"Audience": [], "Issuer": ""} if is_gone else {}
    return dict(wanted) if jwt is None else {**wanted, "JwtConfiguration": {**nothing, **jwt}}


ROUTE = _Part(
    noun="Route",
    settings=(
        "ApiKeyRequired",
        "AuthorizationScopes",
        "AuthorizationType",
        "AuthorizerId",
        "OperationName",
        "RouteKey",
        "Target",
    ),
    required=("RouteKey",),
    defaults={
        "ApiKeyRequired": False,
        "AuthorizationScopes": [],
        "AuthorizationType": "NONE",
        "AuthorizerId": "",
        "OperationName": "",
        "Target": "",
    },
).core_type()

INTEGRATION = _Part(
    noun="Integration",
    settings=(
        "ConnectionId",
        "ConnectionType",
        "CredentialsArn",
        "Description",
        "IntegrationMethod",
        "IntegrationType",
        "IntegrationUri",
        "PayloadFormatVersion",
        "RequestParameters",
        "ResponseParameters",
        "TimeoutInMillis",
        "TlsConfig",
    ),
    required=("IntegrationType",),
    defaults={
        "ConnectionId": "",
        "ConnectionType": "INTERNET",
        "CredentialsArn": "",
        "Description": "",
        "IntegrationMethod": "",
        "IntegrationUri": "",
        "PayloadFormatVersion": "",
        "TimeoutInMillis": 30_000,
        "TlsConfig": {},
    },
    translate=_translate_parameters,
).core_type()

AUTHORIZER = _Part(
    noun="Authorizer",
    settings=(
        "AuthorizerCredentialsArn",
        "AuthorizerPayloadFormatVersion",
        "AuthorizerResultTtlInSeconds",
        "AuthorizerType",
        "AuthorizerUri",
        "EnableSimpleResponses",
        "IdentitySource",
        "JwtConfiguration",
        "Name",
    ),
    required=("AuthorizerType", "Name"),
    defaults={
        "AuthorizerCredentialsArn": "",
        "AuthorizerPayloadFormatVersion": "",
        "AuthorizerResultTtlInSeconds": 0,
        "AuthorizerUri": "",
        "EnableSimpleResponses": False,
        "IdentitySource": [],
    },
    translate=_translate_issuer,
).core_type()
