"""One constructor for each error of the service.

Codes are those of the service model; the texts that identify a resource are what AWS was seen to answer.
Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/CommonErrors.html
"""

from sekisho.kernel.errors import ServiceError


def bad_request(message: str) -> ServiceError:
    """Return the refusal of a parameter."""
    return ServiceError("BadRequestException", message)


def conflict(message: str) -> ServiceError:
    """Return the refusal of what is there already, or is in use."""
    return ServiceError("ConflictException", message, 409)


def not_found(message: str, resource_type: str) -> ServiceError:
    """Return the refusal of what is not there."""
    return ServiceError("NotFoundException", message, 404, members={"resourceType": resource_type})


def api_not_found(account_id: str, api_id: str) -> ServiceError:
    """Return the refusal of an API that does not exist."""
    return not_found(f"Invalid API identifier specified {account_id}:{api_id}", "Api")


def child_not_found(noun: str, identifier: str) -> ServiceError:
    """Return the refusal of a ``Route``, an ``Integration`` or another part of an API that does not exist."""
    return not_found(f"Invalid {noun} identifier specified {identifier}", noun)


def stage_not_found() -> ServiceError:
    """Return the refusal of a stage that does not exist."""
    return not_found("Invalid stage identifier specified", "Stage")


def domain_name_not_found() -> ServiceError:
    """Return the refusal of a domain name that does not exist."""
    return not_found("The domain name resource specified in the request was not found.", "DomainName")


def api_mapping_not_found() -> ServiceError:
    """Return the refusal of an API mapping that does not exist."""
    return not_found("The api mapping resource specified in the request was not found.", "ApiMapping")


def too_many(what: str, limit: int) -> ServiceError:
    """Return the refusal to pass a quota."""
    return bad_request(f"Maximum number of {what} has been reached. The limit is {limit}.")
