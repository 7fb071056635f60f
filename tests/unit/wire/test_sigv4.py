from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sekisho.kernel.errors import ServiceError
from sekisho.kernel.secret import Secret
from sekisho.wire.http import Request
from sekisho.wire.sigv4 import check_signature, read_credential

KEYS: dict[str, Secret | str] = {"AKIAEXAMPLE": Secret("correct horse"), "AKIAPLAIN": "battery staple"}
FORM = "application/x-www-form-urlencoded; charset=utf-8"
BASE = "http://127.0.0.1:4566"


def sign(
    method: str = "POST",
    url: str = "/",
    body: bytes = b"Action=DescribeRules&Version=2015-12-01",
    auth: type[SigV4Auth] = SigV4Auth,
    key: str = "AKIAEXAMPLE",
    secret: str = "correct horse",
    token: str | None = None,
    **headers: str,
) -> Request:
    """Let botocore sign a request, and return what it would send."""
    named = {"Content-Type": FORM} | {name.replace("_", "-"): text for name, text in headers.items()}
    request: Any = AWSRequest(method=method, url=BASE + url, data=body, headers=named)
    signer: Any = auth(Credentials(key, secret, token), "elasticloadbalancing", "us-east-1")
    signer.add_auth(request)
    prepared = request.prepare()
    parts = urlsplit(prepared.url)
    sent = {
        name.lower(): text if isinstance(text, str) else text.decode()
        for name, text in prepared.headers.items()
    }
    return Request(
        method, parts.path, parts.query, {"host": parts.netloc} | sent, bytes(prepared.body or b"")
    )


def check(request: Request, now: datetime | None = None) -> None:
    check_signature(request, KEYS, now or datetime.now(UTC))


def refusal(request: Request, now: datetime | None = None) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        check(request, now)
    assert "correct horse" not in caught.value.message
    return caught.value


def with_headers(request: Request, **headers: str | None) -> Request:
    changed = dict(request.headers) | {name.replace("_", "-"): text for name, text in headers.items()}
    return replace(request, headers={name: text for name, text in changed.items() if text is not None})


REQUESTS: dict[str, Callable[[], Request]] = {
    "form": sign,
    "plain key": lambda: sign(key="AKIAPLAIN", secret="battery staple"),
    "session token": lambda: sign(token="token"),
    "json": lambda: sign(body=b"{}", X_Amz_Target="AWSCognitoIdentityProviderService.ListUserPools"),
    "arn in path": lambda: sign("GET", "/v2/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fapis%2Fabc", b""),
    "query": lambda: sign("DELETE", "/v2/tags/x?tagKeys=b&tagKeys=a%20b&tagKeys=%C3%A4&empty=", b""),
    "trailing slash": lambda: sign("GET", "/2015-03-31/functions/", b""),
    "odd spaces": lambda: sign(X_Amz_Log_Type="  a   b "),
    "date header": lambda: sign(Date="x"),
    "presigned": lambda: sign("GET", "/?Action=DescribeRules&Version=2015-12-01", b"", SigV4QueryAuth),
    "presigned with token": lambda: sign("GET", "/?a=1", b"", SigV4QueryAuth, token="to/ken+"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_what_botocore_signs_is_right(name: str) -> None:
    request = REQUESTS[name]()
    check(request)
    credential = read_credential(request)
    assert credential is not None
    assert (credential.region, credential.service) == ("us-east-1", "elasticloadbalancing")


def changes(text: str) -> Iterator[str]:
    """Every text that differs in one letter or digit."""
    for place, char in enumerate(text):
        if char.isalnum():
            yield text[:place] + ("b" if char in "aA" else "a") + text[place + 1 :]


@pytest.mark.parametrize("name", REQUESTS)
def test_any_altered_byte_is_refused(name: str) -> None:
    request = REQUESTS[name]()
    signed = request.headers.get("authorization", request.query).replace("%3B", ";")
    altered = [replace(request, method="PUT")]
    altered += [replace(request, path=text) for text in changes(request.path)]
    altered += [replace(request, query=text) for text in changes(request.query)]
    altered += [replace(request, body=text.encode()) for text in changes(request.body.decode())]
    altered += [replace(request, query=f"{request.query}&more=1"), replace(request, body=request.body + b" ")]
    for header, value in request.headers.items():
        if header == "authorization" or header in signed:
            altered += [
                replace(request, headers={**request.headers, header: text}) for text in changes(value)
            ]
            altered.append(with_headers(request, **{header: None}))
    assert len(altered) > 40
    for change in altered:
        refusal(change)


@pytest.mark.parametrize(
    ("given", "missing", "unknown", "wrong", "status"),
    [
        ({}, "MissingAuthenticationToken", "InvalidClientTokenId", "SignatureDoesNotMatch", 403),
        (
            {"method": "GET", "url": "/v2/apis", "body": b""},
            "MissingAuthenticationTokenException",
            "UnrecognizedClientException",
            "InvalidSignatureException",
            403,
        ),
        (
            {"X_Amz_Target": "a.b"},
            "MissingAuthenticationTokenException",
            "UnrecognizedClientException",
            "InvalidSignatureException",
            400,
        ),
    ],
)
def test_each_protocol_has_its_codes(
    given: dict[str, Any], missing: str, unknown: str, wrong: str, status: int
) -> None:
    # Signed here and not with the parameters: a run of all tests may take longer than a signature holds.
    request_ = sign(**given)
    error = refusal(with_headers(request_, authorization=None))
    assert (error.code, error.status, error.message) == (missing, status, "Missing Authentication Token")

    with pytest.raises(ServiceError, match="security token included in the request is invalid") as caught:
        check_signature(request_, {"AKIAOTHER": "x"}, datetime.now(UTC))
    assert (caught.value.code, caught.value.status) == (unknown, status)

    with pytest.raises(ServiceError, match="does not match the signature you provided") as caught:
        check_signature(request_, {"AKIAEXAMPLE": "other"}, datetime.now(UTC))
    assert (caught.value.code, caught.value.status) == (wrong, status)


def test_the_clock_may_differ_by_15_minutes() -> None:
    request = sign()
    signed_at = datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    check(request, signed_at + timedelta(minutes=15))
    check(request, signed_at - timedelta(minutes=15))
    assert "Signature expired: " in refusal(request, signed_at + timedelta(minutes=15, seconds=1)).message
    assert "not yet current: " in refusal(request, signed_at - timedelta(minutes=15, seconds=1)).message


def test_a_presigned_request_lives_as_long_as_it_says() -> None:
    request = sign("GET", "/?Action=X", b"", SigV4QueryAuth)  # an hour
    now = datetime.now(UTC)
    check(request, now + timedelta(minutes=59))
    assert "Signature expired: " in refusal(request, now + timedelta(minutes=61)).message


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer abc",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261121/r/s/aws4_request, SignedHeaders=host",
        "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261121/r/s/other, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=0, Signature=1",
        "AWS4-ECDSA-P256-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=00",
    ],
)
def test_an_authorization_that_says_too_little(authorization: str) -> None:
    error = refusal(with_headers(sign(), authorization=authorization))
    assert (error.code, error.status) == ("IncompleteSignature", 400)


@pytest.mark.parametrize("expires", ["0", "604801", "-1", "x", ""])
def test_a_presigned_request_with_an_impossible_lifetime(expires: str) -> None:
    request = sign("GET", "/?Action=X", b"", SigV4QueryAuth)
    query = request.query.replace("X-Amz-Expires=3600", f"X-Amz-Expires={expires}")
    assert refusal(replace(request, query=query)).code == "IncompleteSignature"


def test_a_header_that_aws_reads_must_be_signed() -> None:
    assert refusal(with_headers(sign(), x_amz_target="a.b")).code == "InvalidSignatureException"
    assert (
        refusal(with_headers(sign(), x_amz_content_sha256="UNSIGNED-PAYLOAD")).code == "SignatureDoesNotMatch"
    )


def test_a_signature_that_is_not_ascii_is_a_wrong_one() -> None:
    request = sign()
    odd = request.headers["authorization"].rpartition("=")[0] + "=\u00e4"
    assert refusal(with_headers(request, authorization=odd)).code == "SignatureDoesNotMatch"


def test_an_unsigned_request_names_no_credential() -> None:
    assert read_credential(Request("GET", "/", "", {}, b"")) is None
