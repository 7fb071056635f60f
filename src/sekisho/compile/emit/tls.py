"""TLS towards clients."""

from collections.abc import Iterable

from envoy.config.core.v3.base_pb2 import DataSource
from envoy.extensions.transport_sockets.tls.v3.common_pb2 import TlsCertificate, TlsParameters
from envoy.extensions.transport_sockets.tls.v3.tls_pb2 import CommonTlsContext, DownstreamTlsContext

from sekisho.model.ir_tls import Tls

_VERSIONS = {
    "1.0": TlsParameters.TLSv1_0,
    "1.1": TlsParameters.TLSv1_1,
    "1.2": TlsParameters.TLSv1_2,
    "1.3": TlsParameters.TLSv1_3,
}

# BoringSSL, which Envoy speaks TLS with, has no longer these CBC suites, and Envoy refuses a listener that names one:
# https://github.com/google/boringssl/blob/main/include/openssl/tls1.h
_GONE = frozenset({"ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384", "AES128-SHA256", "AES256-SHA256"})


def emit_downstream_tls(tls: Tls, *, http2: bool) -> DownstreamTlsContext:
    """Return the TLS context; Envoy picks a certificate by its names, and the first one when none fits."""
    return DownstreamTlsContext(
        common_tls_context=CommonTlsContext(
            tls_params=TlsParameters(
                tls_minimum_protocol_version=_VERSIONS[tls.minimum],
                tls_maximum_protocol_version=_VERSIONS[tls.maximum],
                cipher_suites=_cipher_suites(tls.ciphers),
            ),
            tls_certificates=[
                TlsCertificate(
                    certificate_chain=DataSource(inline_string=certificate.chain),
                    private_key=DataSource(inline_string=certificate.key),
                )
                for certificate in tls.certificates
            ],
            alpn_protocols=["h2", "http/1.1"] if http2 else ["http/1.1"],
        )
    )


def _cipher_suites(ciphers: Iterable[str]) -> list[str]:
    """Return the suites of TLS 1.2 and below: those of TLS 1.3 (``TLS_…``) are not to choose from in BoringSSL."""
    return [cipher for cipher in ciphers if not cipher.startswith("TLS_") and cipher not in _GONE]
