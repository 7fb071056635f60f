"""What is answered about users that do not exist where the app client must not know."""

import hashlib
import hmac

from sekisho.model.cognito import UserPool
from sekisho.model.keys import SigningKey
from sekisho.services.cognito_idp.lookup import fold
from sekisho.services.cognito_idp.messages import Delivery
from sekisho.services.context import LongContext


def simulated_delivery(ctx: LongContext, pool: UserPool, username: str) -> dict[str, str]:
    """Return ``CodeDeliveryDetails`` that are the same each time for one name, and made up (COGNITO-26)."""
    with ctx.store.read() as state:
        secret = state.list(SigningKey, pool.issuer)[0].private_pem.encode()
    digest = hmac.digest(secret, fold(pool, username).encode(), hashlib.sha256).hex()
    letters = [letter for letter in digest if letter.isalpha()] or ["a"]
    return Delivery("email", f"{letters[0]}@{letters[-1]}").encode()
