"""How the issuer calls the triggers of a pool; whoever builds the server says what runs them."""

from collections.abc import Mapping
from typing import Any, Protocol

from sekisho.model.triggers import TriggerCall


class Triggers(Protocol):
    """Runs the functions of a pool's ``LambdaConfig``."""

    def run(self, call: TriggerCall) -> Mapping[str, Any]:
        """Return the ``response`` of the event that the function gives back; the given one where there is no function.

        Raises:
            ServiceError: the function failed, or gave back what is no event.
        """
        ...
