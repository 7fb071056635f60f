"""One constructor for each error of the service; every one answers HTTP 400.

Codes are those of the service model, most texts what AWS was seen to answer.
Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
"""

from sekisho.kernel.errors import ServiceError


def invalid_parameter(message: str) -> ServiceError:
    """Return the refusal of a parameter."""
    return ServiceError("InvalidParameterException", message)


def missing_parameter(name: str) -> ServiceError:
    """Return the refusal of a request without a parameter that its flow needs."""
    return invalid_parameter(f"Missing required parameter {name}")


def not_found(message: str) -> ServiceError:
    """Return the refusal of something that does not exist."""
    return ServiceError("ResourceNotFoundException", message)


def pool_not_found(pool_id: str) -> ServiceError:
    """Return the refusal of a pool that does not exist."""
    return not_found(f"User pool {pool_id} does not exist.")


def client_not_found(client_id: str) -> ServiceError:
    """Return the refusal of an app client that does not exist."""
    return not_found(f"User pool client {client_id} does not exist.")


def user_not_found() -> ServiceError:
    """Return the refusal of a user that does not exist."""
    return ServiceError("UserNotFoundException", "User does not exist.")


def group_not_found() -> ServiceError:
    """Return the refusal of a group that does not exist."""
    return not_found("Group not found.")


def group_exists() -> ServiceError:
    """Return the refusal of a group name that is taken."""
    return ServiceError("GroupExistsException", "A group with the name already exists.")


def not_authorized(message: str) -> ServiceError:
    """Return the refusal of somebody who may not."""
    return ServiceError("NotAuthorizedException", message)


def wrong_password() -> ServiceError:
    """Return the refusal that does not say what was wrong."""
    return not_authorized("Incorrect username or password.")


def user_disabled() -> ServiceError:
    """Return the refusal of a disabled user."""
    return not_authorized("User is disabled.")


def too_many_attempts() -> ServiceError:
    """Return the refusal of a password attempt while the user is locked."""
    return not_authorized("Password attempts exceeded")


def session_expired() -> ServiceError:
    """Return the refusal of a session that is over, or was answered already."""
    return not_authorized("Invalid session for the user, session is expired.")


def user_not_confirmed() -> ServiceError:
    """Return the refusal of a user who has not confirmed the sign-up."""
    return ServiceError("UserNotConfirmedException", "User is not confirmed.")


def password_reset_required() -> ServiceError:
    """Return the refusal of a user whose password was reset."""
    return ServiceError("PasswordResetRequiredException", "Password reset required for the user")


def invalid_password(reason: str) -> ServiceError:
    """Return the refusal of a password that the policy does not allow."""
    return ServiceError("InvalidPasswordException", f"Password did not conform with policy: {reason}")


def password_in_history() -> ServiceError:
    """Return the refusal of a password that the user had before."""
    return ServiceError(
        "PasswordHistoryPolicyViolationException",
        "Password does not conform to policy: Password has previously been used",
    )


def username_exists(message: str = "User already exists") -> ServiceError:
    """Return the refusal of a username that is taken."""
    return ServiceError("UsernameExistsException", message)


def alias_exists(attribute: str) -> ServiceError:
    """Return the refusal of an alias that another user has."""
    return ServiceError("AliasExistsException", f"An account with the {attribute} already exists.")


def code_mismatch() -> ServiceError:
    """Return the refusal of a wrong code."""
    return ServiceError("CodeMismatchException", "Invalid verification code provided, please try again.")


def code_expired() -> ServiceError:
    """Return the refusal of a code that is over, or that nobody asked for."""
    return ServiceError("ExpiredCodeException", "Invalid code provided, please request a code again.")


def limit_exceeded(message: str) -> ServiceError:
    """Return the refusal to pass a quota."""
    return ServiceError("LimitExceededException", message)


def scope_does_not_exist(scope: str) -> ServiceError:
    """Return the refusal of an OAuth scope that no resource server has."""
    return ServiceError("ScopeDoesNotExistException", f"Invalid scope requested: {scope}")


def invalid_oauth_flow(message: str) -> ServiceError:
    """Return the refusal of OAuth flows that do not go together."""
    return ServiceError("InvalidOAuthFlowException", message)


def unsupported_state(message: str) -> ServiceError:
    """Return the refusal of what a user's status does not allow."""
    return ServiceError("UnsupportedUserStateException", message)
