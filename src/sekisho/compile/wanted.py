"""The key sets that a model needs, for whoever fetches them."""

from sekisho.model.ir import Flavour
from sekisho.model.snapshot import Snapshot


def wanted_key_sets(snapshot: Snapshot) -> frozenset[tuple[str, Flavour]]:
    """Return the JWKS endpoint of every ``jwt-validation`` action, in default actions and in rules."""
    lists = [listener.default_actions for listener in snapshot.listeners]
    lists += [rule.actions for rule in snapshot.rules]
    return frozenset(
        (action.jwt_validation.jwks_endpoint, Flavour.ALB)
        for actions in lists
        for action in actions
        if action.jwt_validation is not None
    )
