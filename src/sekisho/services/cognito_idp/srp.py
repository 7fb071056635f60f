"""The Secure Remote Password protocol as Cognito speaks it.

SRP-6a (RFC 5054) with the 3072-bit group of RFC 3526, SHA-256, and a key derived with HKDF (RFC 5869). What the
client computes is public in AWS's own client:
https://github.com/aws-amplify/amplify-js/tree/main/packages/auth/src/providers/cognito/utils/srp
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
"""The prime of group 15 (https://www.rfc-editor.org/rfc/rfc3526#section-4)."""

G = 2
SALT_BYTES = 16
ENTROPY_BYTES = 128
"""How many random bytes :func:`make_server_keys` takes."""

_INFO = b"Caldera Derived Key"
_KEY_BYTES = 16


class SrpError(ValueError):
    """A client's public value would make the key guessable, or is no number."""


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """The server's half of one exchange: the secret ``private`` and the public ``public``."""

    private: int
    public: int


def make_verifier(pool_id: str, username: str, password: str, salt: bytes) -> int:
    """Return the verifier of a password, from which it can only be guessed by trying."""
    inner = hashlib.sha256(f"{pool_name(pool_id)}{username}:{password}".encode()).digest()
    x = int.from_bytes(hashlib.sha256(pad(int.from_bytes(salt)) + inner).digest())
    return pow(G, x, N)


def make_server_keys(verifier: int, entropy: bytes) -> ServerKeys:
    """Return the keys of one exchange; ``entropy`` is :data:`ENTROPY_BYTES` random bytes."""
    private = int.from_bytes(entropy) % N
    return ServerKeys(private, (_k() * verifier + pow(G, private, N)) % N)


def parse_client_public(text: str) -> int:
    """Return the client's public value A.

    Raises:
        SrpError: it is no hexadecimal number, or a multiple of N (RFC 5054 section 2.5.4).
    """
    try:
        value = int(text, 16)
    except ValueError:
        raise SrpError("SRP_A is not a hexadecimal number") from None
    if value <= 0 or value % N == 0 or value.bit_length() > N.bit_length():
        raise SrpError("SRP_A is out of range")
    return value


def session_key(client_public: int, server: ServerKeys, verifier: int) -> bytes:
    """Return the key that only a client with the password can derive too.

    Raises:
        SrpError: the values collide in a way that would leave the key open.
    """
    u = int.from_bytes(hashlib.sha256(pad(client_public) + pad(server.public)).digest())
    if u == 0:
        raise SrpError("SRP_A is out of range")
    shared = pow(client_public * pow(verifier, u, N), server.private, N)
    return _hkdf(pad(shared), pad(u))


def sign(key: bytes, pool_id: str, username: str, secret_block: bytes, timestamp: str) -> str:
    """Return the signature that proves the key."""
    message = f"{pool_name(pool_id)}{username}".encode() + secret_block + timestamp.encode()
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode()


def pool_name(pool_id: str) -> str:
    """Return the part of a pool's id that the protocol mixes in."""
    return pool_id.partition("_")[2]


def pad(number: int) -> bytes:
    """Return a number in the two's complement that the clients hash: as short as possible, never negative."""
    return number.to_bytes(number.bit_length() // 8 + 1)


def _k() -> int:
    return int.from_bytes(hashlib.sha256(pad(N) + pad(G)).digest())


def _hkdf(secret: bytes, salt: bytes) -> bytes:
    extracted = hmac.digest(salt, secret, "sha256")
    return hmac.digest(extracted, _INFO + b"\x01", "sha256")[:_KEY_BYTES]
