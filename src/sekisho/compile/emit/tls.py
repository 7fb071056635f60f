"""TLS towards clients."""

from envoy.config.core.v3.base_pb2 import DataSource
from envoy.extensions.transport_sockets.tls.v3.common_pb2 import TlsCertificate, TlsParameters
from envoy.extensions.transport_sockets.tls.v3.tls_pb2 import CommonTlsContext, DownstreamTlsContext

from sekisho.model.ir import Tls

_VERSIONS = {
    "1.0": TlsParameters.TLSv1_0,
    "1.1": TlsParameters.TLSv1_1,
    "1.2": TlsParameters.TLSv1_2,
    "1.3": TlsParameters.TLSv1_3,
}


def emit_downstream_tls(tls: Tls, *, http2: bool) -> DownstreamTlsContext:
    """Return the TLS context; Envoy picks a certificate by its names, and the first one when none fits."""
    return DownstreamTlsContext(
        common_tls_context=CommonTlsContext(
            tls_params=TlsParameters(
                tls_minimum_protocol_version=_VERSIONS[tls.minimum],
                tls_maximum_protocol_version=_VERSIONS[tls.maximum],
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
