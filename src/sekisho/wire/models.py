"""AWS's service models, as botocore ships them: the one source of shapes, constraints, paths and statuses."""

import functools
from collections.abc import Mapping
from typing import Any

from botocore.model import ServiceModel

SERVED = ("elbv2", "cloudformation", "cognito-idp", "apigatewayv2", "lambda")
"""The services that run here, by botocore's names."""

_PATCHES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    # The pattern has no room for the dots of a custom domain, which its own documentation shows with them:
    # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html
    "cognito-idp": {"DomainType": {"pattern": r"^[a-z0-9](?:[a-z0-9\-.]{0,61}[a-z0-9])?$"}},
}
"""Traits of shapes that the published models have wrong, by service and shape."""


@functools.cache
def load_service_model(service: str) -> ServiceModel:
    """Return the model of a service, by botocore's name for it, e.g. ``elbv2``.

    Only the data inside the botocore package is read: no session, no credentials, and no ``~/.aws/models``,
    so that a file in somebody's home cannot change what is enforced.

    Raises:
        botocore.exceptions.UnknownServiceError: botocore has no service of that name.
    """
    from botocore.loaders import Loader  # here: the first request pays for it, not every import

    loader = Loader(
        extra_search_paths=[Loader.BUILTIN_DATA_PATH],
        include_default_search_paths=False,
        include_default_extras=False,
    )
    model = dict(loader.load_service_model(service, "service-2"))
    patched = {
        name: {**model["shapes"][name], **traits} for name, traits in _PATCHES.get(service, {}).items()
    }
    model["shapes"] = {**model["shapes"], **patched}
    return ServiceModel(model, service_name=service)
