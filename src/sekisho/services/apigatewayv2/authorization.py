"""Who may call a route: its authorization type with its authorizer.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid.html
"""

from sekisho.model.apigatewayv2 import Api, Authorizer, Route
from sekisho.services.apigatewayv2 import limits
from sekisho.services.apigatewayv2.errors import bad_request, too_many
from sekisho.store.api import Reader

_AUTHORIZERS = {"JWT": "JWT", "CUSTOM": "REQUEST"}
"""Authorization type -> type of the authorizer that it needs."""


def check_authorization(state: Reader, api: Api, route: Route) -> None:
    """Check that authorization type, authorizer and scopes of a route go together.

    Raises:
        ServiceError: they do not.
    """
    wanted = _AUTHORIZERS.get(route.authorization_type)
    if wanted is not None:
        found = state.find(Authorizer, f"{api.key}/authorizers/{route.authorizer_id}")
        if found is None or found.type != wanted:
            raise bad_request(
                "Invalid authorizer ID specified. Setting the authorization type to "
                f"{route.authorization_type} requires a valid "
                f"{'JWT' if wanted == 'JWT' else 'custom'} authorizer."
            )
    elif route.authorizer_id is not None:
        raise bad_request(
            f"An authorizer is not supported for the authorization type {route.authorization_type}"
        )
    if len(route.authorization_scopes) > limits.SCOPES_PER_ROUTE:
        raise too_many("authorization scopes for a route", limits.SCOPES_PER_ROUTE)
    if route.authorization_scopes and route.authorization_type != "JWT":
        raise bad_request("Authorization scopes are supported for the authorization type JWT only")
    for scope in route.authorization_scopes:
        if not 1 <= len(scope) <= 64 * 1024 or not scope.isprintable() or " " in scope:
            raise bad_request(f"Invalid authorization scope specified: {scope}")
