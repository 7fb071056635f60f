"""The config of a jwt-validation action: reading, checking and describing it.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_JwtValidationActionConfig.html
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sekisho.kernel.addresses import is_loopback
from sekisho.model.elbv2 import AdditionalClaim, JwtValidationConfig
from sekisho.services.elbv2.errors import invalid_action, validation_error
from sekisho.services.ledger import members

LEDGER = {
    "JwtValidationActionConfig": members(enforced="JwksEndpoint Issuer AdditionalClaims"),
    "JwtValidationActionAdditionalClaim": members(enforced="Format Name Values"),
}

_LONGEST_TEXT = 256
_MOST_CLAIMS = 10
_MOST_VALUES = 10
_ALWAYS_CHECKED = ("exp", "iss", "nbf", "iat")


def decode_jwt_validation(config: Mapping[str, Any]) -> JwtValidationConfig:
    """Return the config.

    Raises:
        ServiceError: ValidationError for a value that breaks a constraint, InvalidLoadBalancerAction for a claim
            that cannot be asked for.
    """
    _check_length("Issuer", config["Issuer"])
    _check_jwks_endpoint(config["JwksEndpoint"])
    claims = config.get("AdditionalClaims") or ()
    if len(claims) > _MOST_CLAIMS:  # ELB-05
        raise validation_error(f"A jwt-validation action can have at most {_MOST_CLAIMS} additional claims")
    return JwtValidationConfig(
        config["Issuer"], config["JwksEndpoint"], tuple(_decode_claim(claim) for claim in claims)
    )


def encode_jwt_validation(config: JwtValidationConfig) -> dict[str, Any]:
    """Return the config as the Describe operations answer it."""
    encoded: dict[str, Any] = {"JwksEndpoint": config.jwks_endpoint, "Issuer": config.issuer}
    if config.additional_claims:
        encoded["AdditionalClaims"] = [
            {"Format": claim.format, "Name": claim.name, "Values": list(claim.values)}
            for claim in config.additional_claims
        ]
    return encoded


def _decode_claim(raw: Mapping[str, Any]) -> AdditionalClaim:
    name, values = raw["Name"], raw["Values"]
    _check_length("Name", name)
    if name in _ALWAYS_CHECKED:
        raise invalid_action(
            f"The additional claim '{name}' is not allowed: exp, iss, nbf and iat are always validated"
        )
    if not 1 <= len(values) <= _MOST_VALUES:
        raise validation_error(f"The additional claim '{name}' must have 1 to {_MOST_VALUES} values")
    for value in values:
        _check_length("Values", value)
        if raw["Format"] == "space-separated-values" and any(character.isspace() for character in value):
            raise validation_error(
                f"A value of the claim '{name}' with format space-separated-values must not contain a space"
            )
    return AdditionalClaim(name, raw["Format"], tuple(values))


def _check_length(member: str, text: str) -> None:
    if not 1 <= len(text) <= _LONGEST_TEXT:
        raise validation_error(f"'{member}' of jwt-validation must have 1 to {_LONGEST_TEXT} characters")


def _check_jwks_endpoint(url: str) -> None:
    _check_length("JwksEndpoint", url)
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname and parts.path) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_whole = False
    # A URL with a password, a fragment or a blank is a mistake, or meant to mislead.
    if (
        not is_whole
        or any(not "!" <= character <= "~" for character in url)
        or "@" in parts.netloc
        or "#" in url
    ):
        raise validation_error(f"JwksEndpoint '{url}' must be a full URL with protocol, domain and path")
    is_local = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if parts.scheme != "https" and not is_local:  # ELB-06
        raise validation_error(f"JwksEndpoint '{url}' must use the HTTPS protocol")
