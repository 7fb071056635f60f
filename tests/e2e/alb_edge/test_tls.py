"""TLS towards clients: certificates, versions, protocols, and what is no TLS at all."""

import asyncio
import datetime as dt
import ssl
import warnings
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from h2.connection import H2Connection

from sekisho.compile.lower.tls import lower_tls
from sekisho.model.ir import FixedResponse, ListenerOptions, Protocol, Upstream
from sekisho.model.ir_tls import Certificate, Tls
from sekisho.model.ssl_policies import SSL_POLICIES

from .harness import Lab, Publish, echo, forward_to, route

FINE = route(FixedResponse(200, "text/plain", "fine"))


def certificate(*hosts: str, with_rsa: bool = False) -> Certificate:
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = ec.generate_private_key(ec.SECP256R1())
    if with_rsa:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Certificate(hosts[0], hosts, made.public_bytes(Encoding.PEM).decode(), private.decode())


def client(maximum: ssl.TLSVersion | None = None, *protocols: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if maximum is not None:
        context.maximum_version = maximum
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


async def handshake(port: int, context: ssl.SSLContext, name: str | None) -> tuple[str, str, str | None]:
    """Return the served certificate's name, the TLS version and the chosen protocol."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name or "")
    spoken = writer.get_extra_info("ssl_object")
    served = x509.load_der_x509_certificate(spoken.getpeercert(binary_form=True))
    writer.close()
    common = served.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    return str(common), spoken.version(), spoken.selected_alpn_protocol()


@pytest.fixture(scope="module")
def certificates() -> tuple[Certificate, ...]:
    return certificate("default.test"), certificate("app.test"), certificate("*.wild.test", "wild.test")


@pytest.fixture(scope="module")
def rsa_certificate() -> Certificate:
    return certificate("rsa.test", with_rsa=True)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("app.test", "app.test"),
        ("a.wild.test", "*.wild.test"),
        ("wild.test", "*.wild.test"),
        ("a.b.wild.test", "default.test"),
        ("unknown.test", "default.test"),
        (None, "default.test"),
    ],
)
def test_the_certificate_follows_the_name(
    lab: Lab, publish: Publish, certificates: tuple[Certificate, ...], name: str | None, expected: str
) -> None:
    port = publish(FINE, tls=Tls(certificates), public_port=443)
    assert lab.run(handshake(port, client(), name))[0] == expected


@pytest.mark.semantics("EDGE-24")
@pytest.mark.parametrize(
    ("name", "expected"),
    [(None, "rsa.test"), ("unknown.test", "rsa.test"), ("rsa.test", "rsa.test"), ("app.test", "app.test")],
)
def test_the_default_certificate_is_the_default_whatever_its_key_is(
    lab: Lab,
    publish: Publish,
    certificates: tuple[Certificate, ...],
    rsa_certificate: Certificate,
    name: str | None,
    expected: str,
) -> None:
    port = publish(FINE, tls=Tls((rsa_certificate, *certificates)), public_port=443)
    assert lab.run(handshake(port, client(), name))[0] == expected


def test_a_certificate_for_no_name_breaks_nothing(
    lab: Lab, publish: Publish, certificates: tuple[Certificate, ...]
) -> None:
    odd = replace(certificates[1], hosts=("*", "a.*.test", "", "127.0.0.1", "App.Test", "é.test"))
    port = publish(FINE, tls=Tls((certificates[0], odd)), public_port=443)
    assert lab.run(handshake(port, client(), "app.test"))[0] == "app.test"
    assert lab.run(handshake(port, client(), "b.test"))[0] == "default.test"


def test_an_elliptic_key_is_preferred_where_names_are_equal(
    lab: Lab, publish: Publish, rsa_certificate: Certificate
) -> None:
    port = publish(FINE, tls=Tls((rsa_certificate, certificate("rsa.test"))), public_port=443)

    async def kind() -> str:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client(), server_hostname="rsa.test")
        served = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        return type(x509.load_der_x509_certificate(served).public_key()).__name__

    assert lab.run(kind()) == "ECPublicKey"


def test_a_connection_carries_128_requests_at_a_time(
    lab: Lab, publish: Publish, rsa_certificate: Certificate
) -> None:
    port = publish(FINE, tls=Tls((rsa_certificate,)))

    async def limit() -> int:
        tls = client(None, "h2")
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
        connection = H2Connection()
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        connection.receive_data(await reader.read(65536))
        writer.close()
        return connection.remote_settings.max_concurrent_streams

    assert lab.run(limit()) == 128


@pytest.mark.parametrize(
    ("minimum", "maximum", "offered", "spoken"),
    [
        ("1.2", "1.3", None, "TLSv1.3"),
        ("1.2", "1.2", None, "TLSv1.2"),
        ("1.2", "1.3", ssl.TLSVersion.TLSv1_2, "TLSv1.2"),
        ("1.3", "1.3", ssl.TLSVersion.TLSv1_2, None),
    ],
)
def test_versions(
    lab: Lab,
    publish: Publish,
    certificates: tuple[Certificate, ...],
    minimum: str,
    maximum: str,
    offered: ssl.TLSVersion | None,
    spoken: str | None,
) -> None:
    port = publish(FINE, tls=Tls(certificates, minimum, maximum))
    if spoken is None:
        with pytest.raises(ssl.SSLError):
            lab.run(handshake(port, client(offered), "app.test"))
    else:
        assert lab.run(handshake(port, client(offered), "app.test"))[1] == spoken


TLS_1_0, TLS_1_1, TLS_1_2 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2
CBC, GCM, STATIC = "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES128-GCM-SHA256", "AES128-GCM-SHA256"


def offering(ciphers: str, maximum: ssl.TLSVersion | None) -> ssl.SSLContext:
    """Return a client that offers old versions and weak ciphers too, which OpenSSL holds back by itself."""
    context = client(None)
    context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = TLS_1_0
        context.maximum_version = maximum or ssl.TLSVersion.TLSv1_3
    return context


@pytest.mark.semantics("EDGE-18")
@pytest.mark.parametrize(
    ("policy", "maximum", "offered", "spoken"),
    [
        ("2016-08", None, GCM, ("TLSv1.2", GCM)),
        ("2016-08", TLS_1_0, CBC, ("TLSv1", CBC)),
        ("2016-08", TLS_1_2, STATIC, ("TLSv1.2", STATIC)),
        ("2016-08", TLS_1_2, "ECDHE-RSA-CHACHA20-POLY1305", None),
        ("TLS-1-0-2015-04", TLS_1_0, CBC, ("TLSv1", CBC)),
        ("TLS-1-1-2017-01", TLS_1_0, CBC, None),
        ("TLS-1-1-2017-01", TLS_1_1, CBC, ("TLSv1.1", CBC)),
        ("TLS-1-2-2017-01", TLS_1_1, CBC, None),
        ("TLS-1-2-2017-01", TLS_1_2, CBC, None),
        ("TLS-1-2-2017-01", TLS_1_2, STATIC, ("TLSv1.2", STATIC)),
        ("FS-1-2-Res-2020-10", TLS_1_2, STATIC, None),
        ("FS-1-2-Res-2020-10", TLS_1_2, "ECDHE-RSA-AES128-SHA256", None),
        ("FS-1-2-Res-2020-10", None, GCM, ("TLSv1.2", GCM)),
        ("TLS13-1-2-2021-06", TLS_1_2, "ECDHE-RSA-AES128-SHA256", ("TLSv1.2", "ECDHE-RSA-AES128-SHA256")),
        ("TLS13-1-2-2021-06", TLS_1_2, STATIC, None),
        ("TLS13-1-2-Res-2021-06", None, GCM, ("TLSv1.3", "TLS_")),
        ("TLS13-1-3-2021-06", TLS_1_2, GCM, None),
        ("TLS13-1-0-2021-06", TLS_1_0, CBC, ("TLSv1", CBC)),
    ],
)
def test_a_security_policy_is_enforced(
    lab: Lab,
    publish: Publish,
    rsa_certificate: Certificate,
    policy: str,
    maximum: ssl.TLSVersion | None,
    offered: str,
    spoken: tuple[str, str] | None,
) -> None:
    port = publish(FINE, tls=lower_tls(f"ELBSecurityPolicy-{policy}", (rsa_certificate,)))

    async def connect() -> tuple[str, str]:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=offering(offered, maximum))
        tls = writer.get_extra_info("ssl_object")
        writer.close()
        return tls.version(), tls.cipher()[0]

    if spoken is None:
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            lab.run(connect())
    else:
        version, cipher = lab.run(connect())
        # Which of the ciphers of TLS 1.3 is taken depends on the machine.
        assert version == spoken[0]
        assert cipher.startswith(spoken[1])


def test_the_edge_takes_every_security_policy(
    lab: Lab, publish: Publish, rsa_certificate: Certificate
) -> None:
    for name in SSL_POLICIES:
        port = publish(FINE, tls=lower_tls(name, (rsa_certificate,)))
        assert lab.run(handshake(port, client(), "rsa.test"))[0] == "rsa.test"


@pytest.mark.parametrize("http2", [True, False])
def test_http2_is_offered_as_configured(
    lab: Lab, publish: Publish, certificates: tuple[Certificate, ...], http2: bool
) -> None:
    port = publish(FINE, tls=Tls(certificates), options=ListenerOptions(http2=http2))
    chosen = lab.run(handshake(port, client(None, "h2", "http/1.1"), "app.test"))[2]
    assert chosen == ("h2" if http2 else "http/1.1")
    with httpx.Client(http2=True, verify=client()) as http:
        answer = http.get(f"https://127.0.0.1:{port}/")
    assert (answer.http_version, answer.text) == ("HTTP/2" if http2 else "HTTP/1.1", "fine")


def test_http2_reaches_http1_and_http2_targets(
    lab: Lab, publish: Publish, certificates: tuple[Certificate, ...], echoing: Upstream
) -> None:
    nobody = Upstream("h2", "arn:h2", (lab.target(echo),), protocol=Protocol.HTTP2)
    for upstream, status in ((echoing, 200), (nobody, 502)):
        port = publish(
            route(forward_to(upstream)), upstreams=(upstream,), tls=Tls(certificates), public_port=443
        )
        with httpx.Client(http2=True, verify=client()) as http:
            answer = http.get(f"https://127.0.0.1:{port}/x", headers={"Host": f"App.Test:{port}"})
        assert (answer.http_version, answer.status_code) == ("HTTP/2", status)
        if status == 200:
            assert "\r\nhost: app.test\r\n" in answer.text
            assert "\r\nx-forwarded-proto: https\r\n" in answer.text
            assert "\r\nx-forwarded-port: 443\r\n" in answer.text


def test_the_target_is_told_about_tls_when_asked(
    lab: Lab, publish: Publish, certificates: tuple[Certificate, ...], echoing: Upstream
) -> None:
    options = ListenerOptions(tls_headers=("x-amzn-tls-version", "x-my-cipher"))
    port = publish(route(forward_to(echoing)), upstreams=(echoing,), tls=Tls(certificates), options=options)
    told = lab.ask(
        port, "GET / HTTP/1.1\r\nHost: a\r\nX-My-Cipher: forged\r\n\r\n", tls=client(ssl.TLSVersion.TLSv1_2)
    ).text
    assert "\r\nx-amzn-tls-version: TLSv1.2\r\n" in told
    assert "\r\nx-my-cipher: ECDHE-ECDSA-" in told
    assert "forged" not in told


def test_plain_http_on_a_tls_port(lab: Lab, publish: Publish, certificates: tuple[Certificate, ...]) -> None:
    answer = lab.get(publish(FINE, tls=Tls(certificates)))
    assert answer.status == 400
    assert "<title>400 The plain HTTP request was sent to HTTPS port</title>" in answer.text
    assert answer.headers["server"] == "awselb/2.0"


def test_targets_with_tls_need_no_valid_certificate(lab: Lab, publish: Publish, tmp_path: Path) -> None:
    made = certificate("anything.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_text(made.chain)
    key.write_text(made.key)
    context.load_cert_chain(chain, key)
    upstream = Upstream("tls", "arn:tls", (lab.target(echo, context),), tls=True)
    port = publish(route(forward_to(upstream)), upstreams=(upstream,))
    assert lab.get(port).status == 200
