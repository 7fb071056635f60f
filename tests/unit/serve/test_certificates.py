import ssl
import stat
import time
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from sekisho.kernel.clock import ManualClock, SystemClock
from sekisho.kernel.errors import UsageError
from sekisho.model.ir_tls import Certificate
from sekisho.model.project import CertificateFiles
from sekisho.serve.certificates import CertificateAuthority

ARN = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"
HOSTS = ("app.example.com", "*.elb.localhost")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def certificates(tmp_path: Path, clock: ManualClock) -> CertificateAuthority:
    return CertificateAuthority(tmp_path, clock)


def leaf(certificate: Certificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate.chain.encode())


def handshake(certificate: Certificate, ca: Path, host: str, folder: Path) -> None:
    """Let OpenSSL verify the certificate for that host, in memory."""
    pem = folder / "pair.pem"
    pem.write_text(certificate.chain + certificate.key)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(pem)
    client_side = ssl.create_default_context(cafile=str(ca))
    client_in, server_in = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(client_in, server_in, server_hostname=host)
    server = server_side.wrap_bio(server_in, client_in, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


@pytest.mark.parametrize(
    "host", ["app.example.com", "demo-123.elb.localhost", "localhost", "127.0.0.1", "::1"]
)
def test_openssl_trusts_what_the_ca_signs(tmp_path: Path, host: str) -> None:
    certificates = CertificateAuthority(tmp_path, SystemClock())
    handshake(certificates.certificate_for(ARN, HOSTS), certificates.ca_path, host, tmp_path)


def test_openssl_refuses_another_host_and_another_ca(tmp_path: Path) -> None:
    one, other = (
        CertificateAuthority(tmp_path / "1", SystemClock()),
        CertificateAuthority(tmp_path / "2", SystemClock()),
    )
    other.prepare()
    certificate = one.certificate_for(ARN, HOSTS)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(certificate, one.ca_path, "evil.example.com", tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(certificate, other.ca_path, "app.example.com", tmp_path)


def test_keys_are_readable_by_their_owner_only(tmp_path: Path, certificates: CertificateAuthority) -> None:
    certificates.certificate_for(ARN, HOSTS)
    secret = [tmp_path / "ca-key.pem", *(tmp_path / "certificates").iterdir()]
    assert len(secret) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}
    assert not list(tmp_path.rglob(".*")), "an unfinished file was left"


def test_a_certificate_is_made_once_and_found_again(tmp_path: Path, clock: ManualClock) -> None:
    first = CertificateAuthority(tmp_path, clock).certificate_for(ARN, HOSTS)
    assert first.name == ARN
    assert first.hosts == HOSTS
    assert CertificateAuthority(tmp_path, clock).certificate_for(ARN, HOSTS) == first
    assert (
        CertificateAuthority(tmp_path, clock).certificate_for(ARN, ("other.example.com",)).chain
        != first.chain
    )
    assert "PRIVATE" not in repr(first)


def test_a_certificate_is_renewed_before_it_expires(
    certificates: CertificateAuthority, clock: ManualClock
) -> None:
    first = certificates.certificate_for(ARN, HOSTS)
    clock.advance(days=366)
    assert certificates.certificate_for(ARN, HOSTS) == first
    clock.advance(days=2)
    second = certificates.certificate_for(ARN, HOSTS)
    assert leaf(second).not_valid_after_utc - clock.now() == timedelta(days=397)


def test_an_expiring_ca_is_replaced_together_with_what_it_signed(tmp_path: Path, clock: ManualClock) -> None:
    first = CertificateAuthority(tmp_path, clock)
    first.certificate_for(ARN, HOSTS)
    old_ca = first.ca_path.read_bytes()
    clock.advance(days=3640)
    certificate = CertificateAuthority(tmp_path, clock).certificate_for(ARN, HOSTS)
    assert first.ca_path.read_bytes() != old_ca
    leaf(certificate).verify_directly_issued_by(x509.load_pem_x509_certificate(first.ca_path.read_bytes()))


def test_a_half_made_ca_is_made_again(tmp_path: Path, clock: ManualClock) -> None:
    CertificateAuthority(tmp_path, clock).prepare()
    (tmp_path / "ca.pem").unlink()
    CertificateAuthority(tmp_path, clock).prepare()
    assert (tmp_path / "ca.pem").exists()


def test_a_damaged_ca_is_named(tmp_path: Path, clock: ManualClock) -> None:
    CertificateAuthority(tmp_path, clock).prepare()
    (tmp_path / "ca-key.pem").write_text("x")
    with pytest.raises(UsageError, match=r"ca-key\.pem: is not an unencrypted private key"):
        CertificateAuthority(tmp_path, clock).prepare()


def test_a_name_that_is_too_long_or_not_ascii_still_gets_a_certificate(
    certificates: CertificateAuthority,
) -> None:
    hosts = ("a" * 60 + ".example.com", "関所.example.com")
    names = leaf(certificates.certificate_for(ARN, hosts)).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.DNSName) == [hosts[0], "xn--8ous75i.example.com", "localhost"]


def user_files(tmp_path: Path, clock: ManualClock, folder: str = "mine") -> CertificateFiles:
    made = CertificateAuthority(tmp_path / folder, clock).certificate_for("x", ("shop.example.com",))
    files = CertificateFiles(tmp_path / f"{folder}.pem", tmp_path / f"{folder}.key")
    files.chain.write_text(made.chain)
    files.key.write_text(made.key)
    return files


def test_files_of_the_users_are_served_and_read_again_when_they_change(
    tmp_path: Path, clock: ManualClock
) -> None:
    files = user_files(tmp_path, clock)
    certificates = CertificateAuthority(tmp_path, clock)
    certificates.bind({ARN: files})
    first = certificates.certificate_for(ARN, HOSTS)
    assert first.hosts == ("shop.example.com", "localhost")
    assert first.chain == files.chain.read_text()
    renewed = user_files(tmp_path, clock, "renewed")
    renewed.chain.replace(files.chain)
    renewed.key.replace(files.key)
    assert certificates.certificate_for(ARN, HOSTS).chain != first.chain


@pytest.mark.parametrize("fault", ["missing", "no-chain", "no-key", "other-key", "encrypted"])
def test_files_of_the_users_that_do_not_fit_are_named(tmp_path: Path, clock: ManualClock, fault: str) -> None:
    files = user_files(tmp_path, clock)
    match fault:
        case "missing":
            files.chain.unlink()
        case "no-chain":
            files.chain.write_text("x")
        case "no-key":
            files.key.write_text("x")
        case "other-key":
            files.key.write_text(user_files(tmp_path, clock, "other").key.read_text())
        case _:
            key = ec.generate_private_key(ec.SECP256R1())
            encryption = BestAvailableEncryption(b"secret")
            files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    at_fault = files.chain if fault in {"missing", "no-chain"} else files.key
    with pytest.raises(UsageError, match=at_fault.name) as caught:
        CertificateAuthority(tmp_path, clock, {ARN: files}).certificate_for(ARN, HOSTS)
    assert "PRIVATE KEY" not in str(caught.value)


def test_making_a_certificate_takes_milliseconds(certificates: CertificateAuthority) -> None:
    certificates.prepare()
    durations = []
    for number in range(10):
        started = time.perf_counter()
        certificates.certificate_for(ARN, (f"host-{number}.example.com",))
        durations.append(time.perf_counter() - started)
    assert sorted(durations)[2] < 0.05
