"""Signature Version 4: who signs a request, and whether the signature is right.

https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, quote

from sekisho.kernel.errors import ServiceError
from sekisho.kernel.secret import Secret
from sekisho.wire.http import Request

ALGORITHM = "AWS4-HMAC-SHA256"
ALLOWED_SKEW = timedelta(minutes=15)
LONGEST_PRESIGNED = 604_800  # seconds, seven days

_TIME = "%Y%m%dT%H%M%SZ"
_FIELD = re.compile(r"\s*(Credential|SignedHeaders|Signature)=([^,\s]+)\s*")
_ENVELOPE = "aws4_request"


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential scope: ``access_key/date/region/service/aws4_request``."""

    access_key: str
    date: str
    region: str
    service: str

    @classmethod
    def parse(cls, text: str) -> "Credential | None":
        """Return the credential that the text spells, or None."""
        parts = text.rsplit("/", 4)
        if len(parts) != 5 or parts[4] != _ENVELOPE or not all(parts):
            return None
        return cls(*parts[:4])

    @property
    def scope(self) -> str:
        """Return the scope without the access key."""
        return f"{self.date}/{self.region}/{self.service}/{_ENVELOPE}"


@dataclass(frozen=True, slots=True)
class _Authorization:
    credential: Credential
    signed_headers: tuple[str, ...]
    signature: str
    time: datetime
    expires: timedelta | None  # only a presigned request says


@dataclass(frozen=True, slots=True)
class _Codes:
    """How a protocol names these refusals."""

    missing: str
    incomplete: str
    mismatch: str
    unknown_key: str
    status: int


_QUERY_CODES = _Codes(
    "MissingAuthenticationToken", "IncompleteSignature", "SignatureDoesNotMatch", "InvalidClientTokenId", 403
)
_REST_CODES = _Codes(
    "MissingAuthenticationTokenException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "UnrecognizedClientException",
    403,
)
# The JSON services answer these with 400:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_JSON_CODES = _Codes(
    _REST_CODES.missing, _REST_CODES.incomplete, _REST_CODES.mismatch, _REST_CODES.unknown_key, 400
)


def read_credential(request: Request) -> Credential | None:
    """Return the credential that a request names, in header or query string, or None. Proves nothing."""
    header = request.headers.get("authorization", "")
    if header.startswith(ALGORITHM):
        return Credential.parse(dict(_FIELD.findall(header)).get("Credential", ""))
    return Credential.parse(dict(request.query_pairs()).get("X-Amz-Credential", ""))


def check_signature(request: Request, secrets: Mapping[str, Secret | str], now: datetime) -> None:
    """Check that an access key in ``secrets`` signed the whole request, within 15 minutes of ``now``.

    Raises:
        ServiceError: the request is not signed, the key not known, the signature wrong or too old.
    """
    codes = _codes(request)
    authorization = _read_authorization(request, codes)
    secret = secrets.get(authorization.credential.access_key)
    if secret is None:
        raise ServiceError(
            codes.unknown_key, "The security token included in the request is invalid.", codes.status
        )
    _check_headers(request, authorization, codes)
    _check_time(authorization, now, codes)
    plain = secret.reveal() if isinstance(secret, Secret) else secret
    expected = _sign(plain, authorization, _canonical_request(request, authorization))
    # As bytes: a signature that is not ASCII is a wrong one, and no TypeError.
    if not hmac.compare_digest(expected.encode(), authorization.signature.encode()):
        raise _mismatch(codes)


def _codes(request: Request) -> _Codes:
    if "x-amz-target" in request.headers:
        return _JSON_CODES
    return _QUERY_CODES if request.path in ("", "/") else _REST_CODES


def _read_authorization(request: Request, codes: _Codes) -> _Authorization:
    header = request.headers.get("authorization")
    if header is not None:
        algorithm, _, rest = header.partition(" ")
        fields = _read_fields(rest) if algorithm == ALGORITHM else {}
        time, expires = _header_time(request), None
    else:
        pairs = request.query_pairs()
        names = [name for name, _ in pairs if name.startswith("X-Amz-")]
        if "X-Amz-Signature" not in names:
            raise ServiceError(codes.missing, "Missing Authentication Token", codes.status)
        query = dict(pairs) if len(set(names)) == len(names) else {}
        presigned = query.get("X-Amz-Algorithm") == ALGORITHM
        fields = {
            name: query.get(f"X-Amz-{name}", "") if presigned else ""
            for name in ("Credential", "SignedHeaders", "Signature")
        }
        time, expires = _parse_time(query.get("X-Amz-Date", "")), _parse_expires(query)
        if expires is None:
            fields = {}
    credential = Credential.parse(fields.get("Credential", ""))
    signed, signature = fields.get("SignedHeaders", ""), fields.get("Signature", "")
    if credential is None or not signed or not signature or time is None:
        raise ServiceError(
            codes.incomplete,
            "Authorization requires 'Credential', 'SignedHeaders' and 'Signature', and the request a date.",
        )
    return _Authorization(credential, tuple(signed.split(";")), signature, time, expires)


def _read_fields(text: str) -> dict[str, str]:
    """Return the fields of an ``Authorization`` header, or none where one is double or foreign."""
    found = [_FIELD.fullmatch(part) for part in text.split(",")]
    fields = {match[1]: match[2] for match in found if match}
    return fields if len(found) == len(fields) else {}


def _header_time(request: Request) -> datetime | None:
    if "x-amz-date" in request.headers:
        return _parse_time(request.headers["x-amz-date"])
    try:
        moment = parsedate_to_datetime(request.headers.get("date", ""))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _parse_time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def _parse_expires(query: Mapping[str, str]) -> timedelta | None:
    text = query.get("X-Amz-Expires", "")
    if not re.fullmatch(r"[0-9]{1,6}", text) or not 1 <= int(text) <= LONGEST_PRESIGNED:
        return None
    return timedelta(seconds=int(text))


def _check_headers(request: Request, authorization: _Authorization, codes: _Codes) -> None:
    """Refuse a signature that leaves out ``host`` or a header that AWS reads: anybody could change it."""
    needed = {name for name in request.headers if name.startswith("x-amz-")} | {"host"}
    if authorization.expires is None and "x-amz-date" not in request.headers:
        needed.add("date")
    unsigned = needed - set(authorization.signed_headers)
    missing = set(authorization.signed_headers) - request.headers.keys()
    digest = request.headers.get("x-amz-content-sha256")
    if unsigned or missing or digest not in (None, _sha256(request.body)):
        raise _mismatch(codes)


def _check_time(authorization: _Authorization, now: datetime, codes: _Codes) -> None:
    moment = authorization.time
    if moment.strftime("%Y%m%d") != authorization.credential.date:
        raise ServiceError(
            codes.mismatch, "Date in Credential scope does not match the date of the request.", codes.status
        )
    lifetime = authorization.expires or ALLOWED_SKEW
    if now - moment > lifetime:
        raise ServiceError(
            codes.mismatch,
            f"Signature expired: {moment:{_TIME}} is now earlier than {now - lifetime:{_TIME}} "
            f"({now:{_TIME}} - {_minutes(lifetime)}.)",
            codes.status,
        )
    if moment - now > ALLOWED_SKEW:
        raise ServiceError(
            codes.mismatch,
            f"Signature not yet current: {moment:{_TIME}} is still later than {now + ALLOWED_SKEW:{_TIME}} "
            f"({now:{_TIME}} + {_minutes(ALLOWED_SKEW)}.)",
            codes.status,
        )


def _minutes(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


def _mismatch(codes: _Codes) -> ServiceError:
    return ServiceError(
        codes.mismatch,
        "The request signature we calculated does not match the signature you provided. Check your AWS "
        "Secret Access Key and signing method. Consult the service documentation for details.",
        codes.status,
    )


def _canonical_request(request: Request, authorization: _Authorization) -> str:
    headers = "".join(
        f"{name}:{' '.join(request.headers[name].split())}\n" for name in authorization.signed_headers
    )
    return "\n".join(
        (
            request.method,
            quote(_normalize_path(request.path), safe="/~"),
            _canonical_query(request.query),
            headers,
            ";".join(authorization.signed_headers),
            _sha256(request.body),
        )
    )


def _normalize_path(path: str) -> str:
    """Return a path without empty, ``.`` and ``..`` steps (RFC 3986 section 5.2.4)."""
    steps: list[str] = []
    for step in path.split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in ("", "."):
            steps.append(step)
    return "/" + "/".join(steps) + ("/" if steps and path.endswith("/") else "")


def _canonical_query(query: str) -> str:
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in pairs)


def _sign(secret: str, authorization: _Authorization, canonical_request: str) -> str:
    credential = authorization.credential
    key = f"AWS4{secret}".encode()
    for step in (credential.date, credential.region, credential.service, _ENVELOPE):
        key = hmac.digest(key, step.encode(), "sha256")
    text = "\n".join(
        (ALGORITHM, authorization.time.strftime(_TIME), credential.scope, _sha256(canonical_request.encode()))
    )
    return hmac.digest(key, text.encode(), "sha256").hex()


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
