"""The security policies of Application Load Balancers: which TLS versions and ciphers each allows.

The policies of the RFC 9151 family are left out. Source:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
"""

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_SSL_POLICY = "ELBSecurityPolicy-2016-08"
"""What a listener gets that names none (from the API, the CLI and CloudFormation)."""


@dataclass(frozen=True, slots=True)
class SslPolicy:
    """One policy; protocols from the newest to the oldest (``TLSv1.3``), ciphers by OpenSSL's names in order."""

    name: str
    protocols: tuple[str, ...]
    ciphers: tuple[str, ...]


_TLS13 = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
_ALL = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "AES128-GCM-SHA256",
    "AES128-SHA256",
    "AES128-SHA",
    "AES256-GCM-SHA384",
    "AES256-SHA256",
    "AES256-SHA",
)
_SHA2 = tuple(cipher for cipher in _ALL if not cipher.endswith("-SHA"))
_FORWARD_SECRET = tuple(cipher for cipher in _ALL if cipher.startswith("ECDHE"))
_FORWARD_SECRET_SHA2 = tuple(cipher for cipher in _SHA2 if cipher.startswith("ECDHE"))
_FORWARD_SECRET_GCM = tuple(cipher for cipher in _FORWARD_SECRET_SHA2 if "GCM" in cipher)

_SUITES: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "all": _ALL,
    "all+3des": (*_ALL, "DES-CBC3-SHA"),
    "sha2": _SHA2,
    "fs": _FORWARD_SECRET,
    "fs-sha2": _FORWARD_SECRET_SHA2,
    "fs-gcm": _FORWARD_SECRET_GCM,
}
_VERSIONS = {"3": "TLSv1.3", "2": "TLSv1.2", "1": "TLSv1.1", "0": "TLSv1"}

_TABLE = """
2016-08                         210   all
TLS13-1-2-2021-06               32    fs-sha2
TLS13-1-2-Res-2021-06           32    fs-gcm
TLS13-1-2-Ext1-2021-06          32    sha2
TLS13-1-2-Ext2-2021-06          32    all
TLS13-1-1-2021-06               321   all
TLS13-1-0-2021-06               3210  all
TLS13-1-3-2021-06               3     none
TLS13-1-3-PQ-2025-09            3     none
TLS13-1-2-PQ-2025-09            32    fs-sha2
TLS13-1-2-Res-PQ-2025-09        32    fs-gcm
TLS13-1-2-Ext1-PQ-2025-09       32    sha2
TLS13-1-2-Ext2-PQ-2025-09       32    all
TLS13-1-0-PQ-2025-09            3210  all
TLS13-1-3-FIPS-2023-04          3     none
TLS13-1-2-FIPS-2023-04          32    fs-sha2
TLS13-1-2-Res-FIPS-2023-04      32    fs-gcm
TLS13-1-2-Ext0-FIPS-2023-04     32    fs
TLS13-1-2-Ext1-FIPS-2023-04     32    sha2
TLS13-1-2-Ext2-FIPS-2023-04     32    all
TLS13-1-1-FIPS-2023-04          321   all
TLS13-1-0-FIPS-2023-04          3210  all
TLS13-1-3-FIPS-PQ-2025-09       3     none
TLS13-1-2-FIPS-PQ-2025-09       32    fs-sha2
TLS13-1-2-Res-FIPS-PQ-2025-09   32    fs-gcm
TLS13-1-2-Ext0-FIPS-PQ-2025-09  32    fs
TLS13-1-2-Ext1-FIPS-PQ-2025-09  32    sha2
TLS13-1-2-Ext2-FIPS-PQ-2025-09  32    all
TLS13-1-0-FIPS-PQ-2025-09       3210  all
TLS-1-2-2017-01                 2     sha2
TLS-1-1-2017-01                 21    all
TLS-1-2-Ext-2018-06             2     all
FS-2018-06                      210   fs
2015-05                         210   all
TLS-1-0-2015-04                 210   all+3des
FS-1-2-Res-2019-08              2     fs-sha2
FS-1-1-2019-08                  21    fs
FS-1-2-2019-08                  2     fs
FS-1-2-Res-2020-10              2     fs-gcm
"""


def _policy(name: str, versions: str, suite: str) -> SslPolicy:
    # The validated modules behind the FIPS policies have no ChaCha20.
    newest = _TLS13[:2] if "FIPS" in name else _TLS13
    return SslPolicy(
        f"ELBSecurityPolicy-{name}",
        tuple(_VERSIONS[version] for version in versions),
        (*(newest if "3" in versions else ()), *_SUITES[suite]),
    )


SSL_POLICIES: Mapping[str, SslPolicy] = {
    policy.name: policy for policy in (_policy(*row.split()) for row in _TABLE.split("\n") if row)
}
"""The policies by name, in the order in which they are described."""
