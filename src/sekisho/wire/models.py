"""AWS's service models, as botocore ships them: the one source of shapes, constraints, paths and statuses."""

import functools

from botocore.model import ServiceModel

SERVED = ("elbv2", "cloudformation", "cognito-idp", "apigatewayv2", "lambda")
"""The services that run here, by botocore's names."""


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
    return ServiceModel(loader.load_service_model(service, "service-2"), service_name=service)
