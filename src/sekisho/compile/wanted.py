"""The key sets that a model needs, for whoever fetches them."""

from sekisho.model.ir import Flavour
from sekisho.model.snapshot import Snapshot


def wanted_key_sets(snapshot: Snapshot) -> frozenset[tuple[str, Flavour]]:
    """Return the JWKS endpoints of load balancers' actions, and the issuers of HTTP APIs' authorizers."""
    return _of_actions(snapshot) | _of_authorizers(snapshot)


def _of_authorizers(snapshot: Snapshot) -> frozenset[tuple[str, Flavour]]:
    return frozenset(
        (authorizer.issuer, Flavour.HTTP_API)
        for deployment in snapshot.deployments
        for authorizer in deployment.definition.authorizers
        if authorizer.issuer is not None
    )


def _of_actions(snapshot: Snapshot) -> frozenset[tuple[str, Flavour]]:
    lists = [listener.default_actions for listener in snapshot.listeners]
    lists += [rule.actions for rule in snapshot.rules]
    return frozenset(
        (action.jwt_validation.jwks_endpoint, Flavour.ALB)
        for actions in lists
        for action in actions
        if action.jwt_validation is not None
    )
