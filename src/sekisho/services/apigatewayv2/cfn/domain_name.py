"""How CloudFormation makes domain names and API mappings.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-domainname.html
and https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-apimapping.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.apigatewayv2.cfn.common import delete_resource, pick, tagged_arn, update_tags

_SETTINGS = ("DomainName", "DomainNameConfigurations", "MutualTlsAuthentication", "RoutingMode")
_MAPPING = ("ApiId", "ApiMappingKey", "DomainName", "Stage")


def _create_domain_name(calls: Calls, desired: Desired) -> str:
    return str(calls("CreateDomainName", pick(desired.properties, *_SETTINGS, "Tags"))["DomainName"])


def _update_domain_name(calls: Calls, desired: Desired, applied: Applied) -> None:
    calls("UpdateDomainName", {"DomainNameConfigurations": [], **pick(desired.properties, *_SETTINGS)})
    update_tags(calls, tagged_arn(applied, f"domainnames/{applied.physical_id}"), desired, applied)


def _delete_domain_name(calls: Calls, applied: Applied) -> None:
    delete_resource(calls, "DeleteDomainName", {"DomainName": applied.physical_id})


def _read_domain_name(calls: Calls, applied: Applied) -> Mapping[str, Any]:
    domain = calls("GetDomainName", {"DomainName": applied.physical_id})
    (configuration,) = domain["DomainNameConfigurations"]
    return {
        "DomainNameArn": domain["DomainNameArn"],
        "RegionalDomainName": configuration["ApiGatewayDomainName"],
        "RegionalHostedZoneId": configuration["HostedZoneId"],
    }


DOMAIN_NAME = CoreType(
    name="AWS::ApiGatewayV2::DomainName",
    service="apigatewayv2",
    properties=frozenset((*_SETTINGS, "Tags")),
    create=_create_domain_name,
    update=_update_domain_name,
    delete=_delete_domain_name,
    read=_read_domain_name,
    required=frozenset({"DomainName"}),
    create_only=frozenset({"DomainName"}),
    name_property="DomainName",
)


def _create_mapping(calls: Calls, desired: Desired) -> str:
    return str(calls("CreateApiMapping", pick(desired.properties, *_MAPPING))["ApiMappingId"])


def _update_mapping(calls: Calls, desired: Desired, applied: Applied) -> None:
    key = desired.properties.get("ApiMappingKey") or ""
    params = {**pick(desired.properties, *_MAPPING), "ApiMappingKey": key}
    calls("UpdateApiMapping", {**params, "ApiMappingId": applied.physical_id})


def _delete_mapping(calls: Calls, applied: Applied) -> None:
    key = {**pick(applied.properties, "DomainName"), "ApiMappingId": applied.physical_id}
    delete_resource(calls, "DeleteApiMapping", key)


def _read_mapping(_calls: Calls, applied: Applied) -> Mapping[str, Any]:
    return {"ApiMappingId": applied.physical_id}


API_MAPPING = CoreType(
    name="AWS::ApiGatewayV2::ApiMapping",
    service="apigatewayv2",
    properties=frozenset(_MAPPING),
    create=_create_mapping,
    update=_update_mapping,
    delete=_delete_mapping,
    read=_read_mapping,
    required=frozenset({"ApiId", "DomainName", "Stage"}),
    create_only=frozenset({"DomainName"}),
)
