"""The quotas of HTTP APIs, AWS's default values.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
"""

from collections.abc import Mapping

ROUTES_PER_API = 300
INTEGRATIONS_PER_API = 300
STAGES_PER_API = 10
AUTHORIZERS_PER_API = 10
AUDIENCES_PER_AUTHORIZER = 50
SCOPES_PER_ROUTE = 10
STAGE_VARIABLES_PER_STAGE = 100
MAPPINGS_PER_DOMAIN = 200
ISSUER_LENGTH = 2048
TAGS_PER_RESOURCE = 50
ACCESS_LOG_FORMAT_SIZE = 3 * 1024
NAME_LENGTH = 128

LENGTHS: Mapping[str, int] = {
    "AuthorizerUri": 2048,
    "ConnectionId": 1024,
    "Description": 1024,
    "IntegrationUri": 2048,
    "Name": NAME_LENGTH,
    "OperationName": 64,
    "ServerNameToVerify": 512,
    "Version": 64,
}
"""The most characters of members, from the lengths that the API reference gives for them:
https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html
"""
