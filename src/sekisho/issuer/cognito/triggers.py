"""How the issuer calls the triggers of a pool; whoever builds the server says what runs them."""

from collections.abc import Mapping
from typing import Any, Protocol

from sekisho.model.cognito import UserPool


class Triggers(Protocol):
    """Runs the functions of a pool's ``LambdaConfig``."""

    def run(
        self,
        pool: UserPool,
        trigger: str,
        source: str,
        *,
        user_name: str,
        client_id: str,
        request: Mapping[str, Any],
        response: Mapping[str, Any],
        version: str = "1",
    ) -> Mapping[str, Any]:
        """Return the ``response`` of the event that the function gives back; the given one where there is no function.

        Raises:
            ServiceError: the function failed, or gave back what is no event.
        """
        ...
