"""SECRET_HASH: how a confidential app client proves its secret in the API of users.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
"""

import base64
import hmac
from collections.abc import Iterable

from sekisho.kernel.errors import ServiceError
from sekisho.model.cognito import AppClient
from sekisho.services.cognito_idp import errors


def check_secret_hash(client: AppClient, given: str | None, usernames: Iterable[str]) -> None:
    """Check the hash over one of the names that the user may have been called by (COGNITO-23).

    Raises:
        ServiceError: NotAuthorizedException for a hash that is missing, wrong, or given by a public client.
    """
    if not client.secrets:
        if given is not None:
            raise _unable(client)
        return
    if given is None:
        raise errors.not_authorized(
            f"Client {client.client_id} is configured with secret but SECRET_HASH was not received"
        )
    wanted = [
        _hash(secret.value, f"{name}{client.client_id}") for secret in client.secrets for name in usernames
    ]
    # Every candidate is compared, so that the time tells nothing.
    if not any([hmac.compare_digest(given.encode(), each) for each in wanted]):  # noqa: C419
        raise _unable(client)


def check_secret(client: AppClient, given: str | None) -> bool:
    """Tell whether a secret is one of the client's; a public client has none to give."""
    if not client.secrets or given is None:
        return not client.secrets and given is None
    own = [secret.value.encode() for secret in client.secrets]
    return any([hmac.compare_digest(given.encode(), each) for each in own])  # noqa: C419 - as above


def _hash(secret: str, message: str) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode(), message.encode(), "sha256"))


def _unable(client: AppClient) -> ServiceError:
    return errors.not_authorized(f"Unable to verify secret hash for client {client.client_id}")
