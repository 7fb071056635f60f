"""``/api/v2/keys/signing``: the signing keys of a tenant, their rotation and revocation.

https://auth0.com/docs/get-started/tenant-settings/signing-keys
"""

import textwrap
from typing import Any

from sekisho.issuer.keys import rotate_keys, withdraw_key
from sekisho.issuer.management.call import Answer, Call, check_query
from sekisho.issuer.management.errors import ManagementError
from sekisho.issuer.tenants.resources import tenant_keys
from sekisho.model.keys import KeyStatus, SigningKey


def list_signing_keys(call: Call) -> Answer:
    """Return every key, the revoked ones too."""
    check_query(call)
    keys = call.ctx.state.list(SigningKey, call.tenant.issuer)
    return Answer(200, [_render(key) for key in keys])


def get_signing_key(call: Call) -> Answer:
    """Return one key."""
    check_query(call)
    return Answer(200, _render(_find(call)))


def rotate_signing_keys(call: Call) -> Answer:
    """Let the next key sign, and return the one that is next now."""
    check_query(call)
    return Answer(201, _render_certificate(rotate_keys(call.ctx, tenant_keys(call.tenant))))


def revoke_signing_key(call: Call) -> Answer:
    """Withdraw the previous key: the tokens that it signed are refused from now on."""
    check_query(call)
    key = _find(call)
    if key.status is not KeyStatus.PREVIOUS:
        raise ManagementError(
            400,
            f"Only a previously used key can be revoked; this one is {key.status}",
            "operation_not_supported",
        )
    withdraw_key(call.ctx, key)
    return Answer(201, _render_certificate(key))


def _find(call: Call) -> SigningKey:
    key = call.ctx.state.find(SigningKey, f"{call.tenant.issuer} {call.path['id']}")
    if key is None:
        raise ManagementError(404, "The signing key does not exist", "inexistent_signing_key")
    return key


def _render(key: SigningKey) -> dict[str, Any]:
    return {
        **_render_certificate(key),
        "current": key.status is KeyStatus.CURRENT,
        "next": key.status is KeyStatus.NEXT,
        "previous": key.status is KeyStatus.PREVIOUS,
        "revoked": key.status is KeyStatus.WITHDRAWN,
    }


def _render_certificate(key: SigningKey) -> dict[str, str]:
    lines = "\r\n".join(textwrap.wrap(key.public_jwk["x5c"][0], 64))
    return {
        "cert": f"-----BEGIN CERTIFICATE-----\r\n{lines}\r\n-----END CERTIFICATE-----\r\n",
        "kid": key.kid,
    }
