"""Finding APIs and their parts, with AWS's refusals for what is not there."""

from typing import Protocol, TypeVar

from sekisho.kernel.ids import Ids
from sekisho.model.apigatewayv2 import Api, Authorizer, Deployment, Integration, Route, Stage
from sekisho.model.resource import Resource
from sekisho.services.apigatewayv2 import errors
from sekisho.store.api import Reader

R = TypeVar("R", bound=Resource)


class Home(Protocol):
    """Where a caller is."""

    @property
    def account_id(self) -> str:
        """Return the account's number."""
        ...

    @property
    def region(self) -> str:
        """Return the region."""
        ...

    @property
    def home(self) -> str:
        """Return ``account/region``."""
        ...


def new_api_id(ids: Ids) -> str:
    """Return the ten characters of an API's id."""
    return ids.text(10)


def new_id(ids: Ids) -> str:
    """Return the id of a part of an API."""
    return ids.text(7)


def get_api(state: Reader, home: Home, api_id: str) -> Api:
    """Return the API.

    Raises:
        ServiceError: NotFoundException.
    """
    found = state.find(Api, f"{home.home}/{api_id}")
    if found is None:
        raise errors.api_not_found(home.account_id, api_id)
    return found


def get_route(state: Reader, api: Api, route_id: str) -> Route:
    """Return the route.

    Raises:
        ServiceError: NotFoundException.
    """
    return _get(state, Route, f"{api.key}/routes/{route_id}", route_id)


def get_integration(state: Reader, api: Api, integration_id: str) -> Integration:
    """Return the integration.

    Raises:
        ServiceError: NotFoundException.
    """
    return _get(state, Integration, f"{api.key}/integrations/{integration_id}", integration_id)


def get_authorizer(state: Reader, api: Api, authorizer_id: str) -> Authorizer:
    """Return the authorizer.

    Raises:
        ServiceError: NotFoundException.
    """
    return _get(state, Authorizer, f"{api.key}/authorizers/{authorizer_id}", authorizer_id)


def get_deployment(state: Reader, api: Api, deployment_id: str) -> Deployment:
    """Return the deployment.

    Raises:
        ServiceError: NotFoundException.
    """
    return _get(state, Deployment, f"{api.key}/deployments/{deployment_id}", deployment_id)


def get_stage(state: Reader, api: Api, name: str) -> Stage:
    """Return the stage.

    Raises:
        ServiceError: NotFoundException.
    """
    found = state.find(Stage, f"{api.key}/stages/{name}")
    if found is None:
        raise errors.stage_not_found()
    return found


def _get(state: Reader, kind: type[R], key: str, identifier: str) -> R:
    found = state.find(kind, key)
    if found is None:
        raise errors.child_not_found(kind.__name__, identifier)
    return found
