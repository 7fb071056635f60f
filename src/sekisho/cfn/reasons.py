"""The texts with which CloudFormation says why something failed, as recorded from the real service.

Handler error codes: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
"""

from sekisho.kernel.errors import ServiceError
from sekisho.kernel.ids import Ids

_SDK_NAMES = {
    "apigatewayv2": "ApiGatewayV2",
    "cloudformation": "CloudFormation",
    "cognito-idp": "CognitoIdentityProvider",
    "elbv2": "ElasticLoadBalancingV2",
    "lambda": "Lambda",
}


def handler_reason(service: str, error: ServiceError, ids: Ids) -> str:
    """Return the status reason of a resource whose operation refused."""
    name = _SDK_NAMES.get(service, service)
    return (
        f'Resource handler returned message: "{error.message} (Service: {name}, Status Code: {error.status}, '
        f'Request ID: {ids.uuid()}) (SDK Attempt Count: 1)" '
        f"(RequestToken: {ids.uuid()}, HandlerErrorCode: {handler_error_code(error)})"
    )


def handler_error_code(error: ServiceError) -> str:
    """Return the handler error code that an error of a service becomes."""
    code = error.code
    if error.status >= 500:
        return "GeneralServiceException"
    if "NotFound" in code:
        return "NotFound"
    if code.startswith("Duplicate") or "Exists" in code or code in ("PriorityInUse", "ConflictException"):
        return "AlreadyExists"
    if code.startswith("TooMany") or "LimitExceeded" in code:
        return "ServiceLimitExceeded"
    return "InvalidRequest"


def failed_resources(verb: str, logical_ids: list[str]) -> str:
    """Return the status reason of a stack; AWS's ends in a space."""
    return f"The following resource(s) failed to {verb}: [{', '.join(logical_ids)}]. "
