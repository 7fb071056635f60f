"""Asking an issuer who it is before its tokens are trusted.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html and, for the text
of the refusal, https://github.com/sst/ion/issues/1104
"""

from urllib.parse import urlsplit

from sekisho.kernel.addresses import is_loopback
from sekisho.kernel.errors import ServiceError
from sekisho.services.apigatewayv2 import limits
from sekisho.services.apigatewayv2.errors import bad_request
from sekisho.services.context import LongContext
from sekisho.services.issuers import IssuerUnavailableError


def check_issuer_url(issuer: str) -> None:
    """Check that an issuer can be one: an https URL, or an http URL of this machine.

    Raises:
        ServiceError: BadRequestException.
    """
    try:
        parts = urlsplit(issuer)
        fits = bool(parts.hostname) and not parts.query and not parts.fragment and parts.port != 0
    except ValueError:
        raise _invalid(issuer) from None
    is_secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not fits or not is_secure or len(issuer) > limits.ISSUER_LENGTH:
        raise _invalid(issuer)


def check_discovery(ctx: LongContext, issuer: str) -> None:
    """Check that the issuer's discovery document is there and names it (HTTP-API-07).

    An issuer that runs here is asked without the network. One elsewhere is asked unless a template names it: a stack
    can be made on a machine that cannot reach it, and its tokens are refused until their keys are there.

    Raises:
        ServiceError: BadRequestException.
    """
    if ctx.discovery is None:
        return
    with ctx.store.read() as state:
        named = ctx.discovery.local(state, issuer)
    if named is None and ctx.from_template:
        return
    try:
        if named is None:
            named = ctx.discovery.remote(issuer)
    except IssuerUnavailableError:
        raise _invalid(issuer) from None
    if named != issuer:
        raise _invalid(issuer)


def _invalid(issuer: str) -> ServiceError:
    path = "/.well-known/openid-configuration"
    return bad_request(
        f"Caught exception when connecting to {issuer.removesuffix('/')}{path} for issuer {issuer}."
        f" Please try again later. Error: Invalid issuer: {issuer}."
        f" Issuer must have a valid discovery endpoint ended with '{path}'"
    )
