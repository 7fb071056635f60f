"""The certificates of TLS listeners: Sekisho's own CA, and files that the user brings.

AWS keeps the private keys of ACM certificates to itself, so a listener here gets a certificate of a local CA
for the same names, or the one that the user's ``sekisho.yaml`` binds to the ARN.
"""

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sekisho.kernel.clock import Clock
from sekisho.kernel.errors import UsageError
from sekisho.model.ir_tls import Certificate
from sekisho.model.project import CertificateFiles
from sekisho.serve.files import write_whole

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
"""Names that every certificate of the local CA holds."""

_CA_LIFE = timedelta(days=3650)
_LEAF_LIFE = timedelta(days=397)  # what browsers accept at most
_RENEW_BEFORE = timedelta(days=30)
_BACKDATED = timedelta(hours=1)
_COMMON_NAME_LIMIT = 64  # RFC 5280 appendix A.1, ub-common-name


@dataclass(frozen=True)
class _Pair:
    """A chain, its own certificate first, and the private key of that one."""

    chain: tuple[x509.Certificate, ...]
    key: PrivateKeyTypes

    @property
    def leaf(self) -> x509.Certificate:
        return self.chain[0]


@dataclass(frozen=True)
class _Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class CertificateAuthority:
    """Hands out the certificate for an ACM ARN.

    Args:
        directory: the data directory; the CA is kept in ``ca.pem`` and ``ca-key.pem``, what it signs in
            ``certificates/``.
        clock: tells what is about to expire.
        files: the ARNs that the user has bound to files of his own.
    """

    def __init__(
        self, directory: Path, clock: Clock, files: Mapping[str, CertificateFiles] | None = None
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._files = dict(files or {})
        self._authority: _Authority | None = None
        self._signed: dict[tuple[str, tuple[str, ...]], tuple[datetime, Certificate]] = {}
        self._imported: dict[str, tuple[tuple[int, int], Certificate]] = {}

    @property
    def ca_path(self) -> Path:
        """Return the file with the CA's certificate, for a client to trust."""
        return self._directory / "ca.pem"

    @property
    def _ca_key_path(self) -> Path:
        return self._directory / "ca-key.pem"

    def prepare(self) -> None:
        """Load the CA, creating it the first time, so that a damaged one is found at the start.

        Raises:
            UsageError: the CA's files do not belong together or cannot be read.
        """
        self._ready_authority()

    def bind(self, files: Mapping[str, CertificateFiles]) -> None:
        """Bind further ARNs to files of the user's."""
        self._files.update(files)

    def certificate_for(self, arn: str, hosts: tuple[str, ...]) -> Certificate:
        """Return the certificate of that ARN: the user's own, or one of the local CA for these host names.

        A certificate of the local CA is made once for an ARN and its hosts, and anew 30 days before it
        expires. Files of the user's are read again when they change.

        Raises:
            UsageError: the user's files, or the CA's, are not a certificate and its key.
        """
        files = self._files.get(arn)
        if files is not None:
            return self._import(arn, files)
        known = self._signed.get((arn, hosts))
        if known is None or self._is_expiring(known[0]):
            pair = self._find_signed(arn, hosts)
            known = (pair.leaf.not_valid_after_utc, _to_certificate(arn, hosts, pair))
            self._signed[arn, hosts] = known
        return known[1]

    def _is_expiring(self, expiry: datetime) -> bool:
        return expiry - self._clock.now() < _RENEW_BEFORE

    def _import(self, arn: str, files: CertificateFiles) -> Certificate:
        stamp = (_changed_at(files.chain), _changed_at(files.key))
        known = self._imported.get(arn)
        if known is None or known[0] != stamp:
            pair = _read_pair(files.chain, files.key)
            known = (stamp, _to_certificate(arn, _names_of(pair.leaf), pair))
            self._imported[arn] = known
        return known[1]

    # --- what the CA signs

    def _find_signed(self, arn: str, hosts: tuple[str, ...]) -> _Pair:
        authority = self._ready_authority()
        # The CA's fingerprint is part of the name: what an earlier CA has signed is never found.
        identity = (authority.certificate.fingerprint(SHA256()).hex(), arn, *hosts)
        digest = hashlib.sha256("\n".join(identity).encode()).hexdigest()
        path = self._directory / "certificates" / f"{digest[:32]}.pem"
        if path.exists():
            pair = _read_pair(path, path)
            if not self._is_expiring(pair.leaf.not_valid_after_utc):
                return pair
        pair = self._sign(authority, hosts)
        write_whole(path, _key_pem(pair.key) + pair.leaf.public_bytes(Encoding.PEM))
        return pair

    def _sign(self, authority: _Authority, hosts: tuple[str, ...]) -> _Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        names = tuple(dict.fromkeys((*hosts, *LOCAL_NAMES)))
        subject = _name(next((name for name in names if len(name) <= _COMMON_NAME_LIMIT), "localhost"))
        issuer = authority.certificate
        expiry = min(self._clock.now() + _LEAF_LIFE, issuer.not_valid_after_utc)
        key_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        authority_key_id = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id)
        server_auth = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = (
            self._builder(subject, issuer.subject, key, expiry)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(server_auth, critical=False)
            .add_extension(authority_key_id, critical=False)
            .add_extension(x509.SubjectAlternativeName(map(_alternative_name, names)), critical=False)
        )
        return _Pair((builder.sign(authority.key, SHA256()),), key)

    def _builder(
        self, subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, expiry: datetime
    ) -> x509.CertificateBuilder:
        public = key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._clock.now() - _BACKDATED)
            .not_valid_after(expiry)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        )

    # --- the CA

    def _ready_authority(self) -> _Authority:
        authority = self._authority
        if authority is None and self.ca_path.exists() and self._ca_key_path.exists():
            authority = self._load_authority()
        if authority is None or self._is_expiring(authority.certificate.not_valid_after_utc):
            authority = self._create_authority()
        self._authority = authority
        return authority

    def _load_authority(self) -> _Authority:
        pair = _read_pair(self.ca_path, self._ca_key_path)
        if not isinstance(pair.key, ec.EllipticCurvePrivateKey):
            raise UsageError(
                f"{self._ca_key_path} is not the key of Sekisho's CA; delete it and ca.pem to get a new CA"
            )
        return _Authority(pair.leaf, pair.key)

    def _create_authority(self) -> _Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        # The suffix tells the CAs of several data directories apart in a trust store.
        suffix = x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest.hex()[:8]
        name = _name(f"Sekisho local CA {suffix}")
        builder = (
            self._builder(name, name, key, self._clock.now() + _CA_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
        )
        certificate = builder.sign(key, SHA256())
        # Interrupted between the two files there is no ca.pem, and the next start makes a new pair.
        self.ca_path.unlink(missing_ok=True)
        write_whole(self._ca_key_path, _key_pem(key))
        write_whole(self.ca_path, certificate.public_bytes(Encoding.PEM), mode=0o644)
        return _Authority(certificate, key)


# ---------------------------------------------------------------- PEM and X.509


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None


def _read_pair(chain_path: Path, key_path: Path) -> _Pair:
    try:
        chain = tuple(x509.load_pem_x509_certificates(chain_path.read_bytes()))
    except OSError as error:
        raise UsageError(f"{chain_path}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"{chain_path}: is not a certificate chain in PEM") from None
    try:
        key = load_pem_private_key(key_path.read_bytes(), password=None)
    except OSError as error:
        raise UsageError(f"{key_path}: cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UsageError(f"{key_path}: is not an unencrypted private key in PEM") from None
    if key.public_key() != chain[0].public_key():
        raise UsageError(f"{key_path}: is not the key of the first certificate in {chain_path}")
    return _Pair(chain, key)


def _names_of(leaf: x509.Certificate) -> tuple[str, ...]:
    """Return the host names a certificate is for (RFC 6125 section 6.4.4: the subject is not looked at)."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(names.get_values_for_type(x509.DNSName))


def _to_certificate(arn: str, hosts: tuple[str, ...], pair: _Pair) -> Certificate:
    chain = "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in pair.chain)
    return Certificate(arn, hosts, chain, _key_pem(pair.key).decode())


def _key_pem(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sekisho"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _alternative_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host if host.isascii() else host.encode("idna").decode())


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
