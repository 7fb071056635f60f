"""One constructor for each error of the service.

Codes and statuses are those of the service model, texts are what Lambda was seen to answer.
Source: https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
"""

from sekisho.kernel.errors import ServiceError


def function_not_found(arn: str) -> ServiceError:
    """Return the refusal of a function, or a version of one, that does not exist."""
    return ServiceError("ResourceNotFoundException", f"Function not found: {arn}", 404)


def alias_not_found(arn: str) -> ServiceError:
    """Return the refusal of an alias that does not exist."""
    return ServiceError("ResourceNotFoundException", f"Cannot find alias arn: {arn}", 404)


def policy_not_found() -> ServiceError:
    """Return the answer where a resource has no policy."""
    message = "No policy is associated with the given resource."
    return ServiceError("ResourceNotFoundException", message, 404)


def statement_not_found(sid: str) -> ServiceError:
    """Return the refusal of a statement that the policy does not hold."""
    return ServiceError("ResourceNotFoundException", f"Statement {sid} is not found in resource policy.", 404)


def other_region(found: str, region: str) -> ServiceError:
    """Return the refusal of an ARN of another region."""
    message = f"Functions from '{found}' are not reachable in this region ('{region}')"
    return ServiceError("ResourceNotFoundException", message, 404)


def function_exists(name: str) -> ServiceError:
    """Return the refusal of a name that is taken."""
    return ServiceError("ResourceConflictException", f"Function already exist: {name}", 409)


def alias_exists(arn: str) -> ServiceError:
    """Return the refusal of an alias that exists."""
    return ServiceError("ResourceConflictException", f"Alias already exists: {arn}", 409)


def statement_exists(sid: str) -> ServiceError:
    """Return the refusal of a statement id that the policy holds already."""
    message = (
        f"The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the"
        " existing statement."
    )
    return ServiceError("ResourceConflictException", message, 409)


def version_in_use(names: list[str]) -> ServiceError:
    """Return the refusal to delete a version that aliases name."""
    message = f"Unable to delete version because the following aliases reference it: [{', '.join(names)}]"
    return ServiceError("ResourceConflictException", message, 409)


def invalid_parameter(message: str) -> ServiceError:
    """Return the refusal of a parameter."""
    return ServiceError("InvalidParameterValueException", message)


def validation(message: str) -> ServiceError:
    """Return the refusal of a value that breaks a constraint; ``message`` names it."""
    return ServiceError("ValidationException", f"1 validation error detected: {message}")


def stale_revision() -> ServiceError:
    """Return the refusal of a change to what somebody else has changed."""
    message = (
        "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to"
        " retrieve the latest Revision Id"
    )
    return ServiceError("PreconditionFailedException", message, 412)


def request_too_large(operation: str) -> ServiceError:
    """Return the refusal of an upload that is too large."""
    message = f"Request must be smaller than 70167211 bytes for the {operation} operation"
    return ServiceError("RequestEntityTooLargeException", message, 413)


def payload_too_large(size: int, kind: str, limit: int) -> ServiceError:
    """Return the refusal of a payload that is too large for the type of invocation."""
    message = f"{size} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
    return ServiceError("RequestTooLargeException", message, 413)


def invalid_content(message: str) -> ServiceError:
    """Return the refusal of a payload that is not JSON."""
    return ServiceError(
        "InvalidRequestContentException", f"Could not parse request body into json: {message}"
    )


def nothing_runs() -> ServiceError:
    """Return the refusal where no part is there that keeps and runs code."""
    return ServiceError("ServiceException", "Nothing here runs functions.", 500, sender_fault=False)
