"""The certificates of a listener: the default one, and the list that is chosen from by server name.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.kernel.arn import Arn
from sekisho.model.elbv2 import Listener
from sekisho.services.context import Context, ReadContext
from sekisho.services.elbv2 import errors, limits
from sekisho.services.elbv2.lookup import get_listener
from sekisho.services.elbv2.paging import page
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "AddListenerCertificatesInput": members(enforced="ListenerArn Certificates"),
    "RemoveListenerCertificatesInput": members(enforced="ListenerArn Certificates"),
    "DescribeListenerCertificatesInput": members(enforced="ListenerArn Marker PageSize"),
    # IsDefault is for output: "do not set IsDefault", says AWS.
    "Certificate": members(enforced="CertificateArn", rejected="IsDefault"),
}


@operation("AddListenerCertificates")
def add_listener_certificates(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Add certificates to the list of an HTTPS listener; those that are in it already stay."""
    listener = _get_https_listener(ctx, request["ListenerArn"])
    added = _decode(ctx, request["Certificates"])
    extra = tuple(dict.fromkeys((*listener.certificates[1:], *added)))
    others = sum(
        len(each.certificates[1:])
        for each in ctx.state.list(Listener, listener.load_balancer_arn)
        if each.arn != listener.arn
    )
    if others + len(extra) > limits.CERTIFICATES_PER_LOAD_BALANCER:
        raise errors.too_many("Certificates", limits.CERTIFICATES_PER_LOAD_BALANCER)
    ctx.state.put(dataclasses.replace(listener, certificates=(listener.certificates[0], *extra)))
    return {"Certificates": [{"CertificateArn": arn, "IsDefault": False} for arn in added]}


@operation("RemoveListenerCertificates")
def remove_listener_certificates(ctx: Context, request: Mapping[str, Any]) -> None:
    """Remove certificates from the list of an HTTPS listener; the default one cannot be removed."""
    listener = _get_https_listener(ctx, request["ListenerArn"])
    removed = _decode(ctx, request["Certificates"])
    default, *extra = listener.certificates
    for arn in removed:
        if arn in extra:
            continue
        if arn == default:
            raise errors.operation_not_permitted(f"Default certificate '{arn}' cannot be removed")
        raise errors.certificate_not_found(arn)
    kept = tuple(arn for arn in extra if arn not in removed)
    ctx.state.put(dataclasses.replace(listener, certificates=(default, *kept)))


@operation("DescribeListenerCertificates", reads=True)
def describe_listener_certificates(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the default certificate and the list of a listener."""
    listener = get_listener(ctx, request["ListenerArn"])
    every = [
        {"CertificateArn": arn, "IsDefault": number == 0} for number, arn in enumerate(listener.certificates)
    ]
    items, more = page(every, request)
    return {"Certificates": list(items), **more}


# --- helpers -------------------------------------------------------------------------------------------------


def decode_default_certificate(
    ctx: Context, protocol: str, raw: Sequence[Mapping[str, Any]] | None
) -> tuple[str, ...]:
    """Return the certificates that a request gives a listener: one for HTTPS, none for HTTP.

    Raises:
        ServiceError: ValidationError for a missing or malformed certificate, TooManyCertificates for a second one.
    """
    if protocol == "HTTP":
        if raw:
            raise errors.validation_error("A certificate cannot be specified for HTTP listeners")
        return ()
    if not raw:  # ELB-21
        raise errors.validation_error("A certificate must be specified for HTTPS listeners")
    arns = _decode(ctx, raw)
    if len(arns) > 1:
        raise errors.too_many("Certificates", 1)
    return arns


def _get_https_listener(ctx: Context, arn: str) -> Listener:
    listener = get_listener(ctx, arn)
    if listener.protocol != "HTTPS":
        raise errors.validation_error("A certificate cannot be specified for HTTP listeners")
    return listener


def _decode(ctx: Context, raw: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    if not raw:
        raise errors.validation_error("At least one certificate must be specified")
    for entry in raw:
        arn = entry.get("CertificateArn") or ""
        if not _is_certificate_arn(arn, ctx.region):
            raise errors.validation_error(f"Certificate ARN '{arn}' is not valid")
    return tuple(dict.fromkeys(entry["CertificateArn"] for entry in raw))


def _is_certificate_arn(text: str, region: str) -> bool:
    if Arn.is_valid(text, "acm"):
        arn = Arn.parse(text)
        return arn.region == region and arn.resource.startswith("certificate/")
    return Arn.is_valid(text, "iam") and Arn.parse(text).resource.startswith("server-certificate/")
