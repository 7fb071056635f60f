"""The calls of a user pool's triggers: the words between who has something to tell and what runs functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.model.cognito import UserPool


@dataclass(frozen=True, slots=True)
class TriggerCall:
    """One call of a function of a pool's ``LambdaConfig``.

    Attributes:
        trigger: the member of ``LambdaConfig``, e.g. ``PreSignUp``.
        source: why it is called, e.g. ``PreSignUp_AdminCreateUser``.
        request: what the function is told.
        response: what it may fill in; this is the answer where the pool has no such function.
        version: of the event.
    """

    pool: UserPool
    trigger: str
    source: str
    user_name: str
    client_id: str
    request: Mapping[str, Any]
    response: Mapping[str, Any]
    version: str = "1"
