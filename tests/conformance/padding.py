"""Signatures whose PKCS #1 v1.5 block is not the one that RFC 8017 section 9.2 prescribes.

Each is made with the right private key, so only a verifier that is strict about the block refuses it. The classes
are those of Bleichenbacher's forgery of 2006 and of Wycheproof's signature vectors.
"""

import hashlib
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
_SHA256_NO_NULL = bytes.fromhex("302f300b0609608648016503040201" + "0420")
_SHA256_LONG_LENGTH = bytes.fromhex("308131300d060960864801650304020105000420")
_SHA256_LONG_INNER = bytes.fromhex("303230810d060960864801650304020105000420")
_SHA256_WRONG_NULL = bytes.fromhex("3031300d060960864801650304020105010420")
_SHA256_EXTRA = bytes.fromhex("3033300f0609608648016503040201050005000420")
_SHA1_NAME = bytes.fromhex("3031300906052b0e03021a05000420")
_SHA512_NAME = bytes.fromhex("3031300d060960864801650304020305000420")


def _block(
    info: bytes, size: int, *, start: bytes = b"\x00\x01", fill: bytes = b"\xff", end: bytes = b"\x00"
) -> bytes:
    return start + fill * (size - len(start) - len(end) - len(info)) + end + info


VARIANTS: dict[str, Callable[[bytes, int], bytes]] = {
    "right": lambda digest, size: _block(_SHA256 + digest, size),
    "no-null": lambda digest, size: _block(_SHA256_NO_NULL + digest, size),
    "wrong-null": lambda digest, size: _block(_SHA256_WRONG_NULL + digest, size),
    "extra-parameter": lambda digest, size: _block(_SHA256_EXTRA + digest, size),
    "long-length": lambda digest, size: _block(_SHA256_LONG_LENGTH + digest, size),
    "long-inner-length": lambda digest, size: _block(_SHA256_LONG_INNER + digest, size),
    "no-digest-info": _block,
    "other-hash-named": lambda digest, size: _block(_SHA512_NAME + digest, size),
    "sha-1-named": lambda digest, size: _block(_SHA1_NAME + digest, size),
    "garbage-behind": lambda digest, size: _block(_SHA256 + digest, 128) + b"\x00" * (size - 128),
    "garbage-before": lambda digest, size: _block(b"\x42" * 40 + b"\x00" + _SHA256 + digest, size),
    "short-fill": lambda digest, size: (b"\x00\x01" + b"\xff" * 7 + b"\x00" + _SHA256 + digest).ljust(
        size, b"\x00"
    ),
    "no-fill": lambda digest, size: (b"\x00\x01\x00" + _SHA256 + digest).ljust(size, b"\x00"),
    "fill-of-zeroes": lambda digest, size: _block(_SHA256 + digest, size, fill=b"\x00"),
    "block-type-0": lambda digest, size: _block(_SHA256 + digest, size, start=b"\x00\x00"),
    "block-type-2": lambda digest, size: _block(_SHA256 + digest, size, start=b"\x00\x02"),
    "first-octet-set": lambda digest, size: _block(_SHA256 + digest, size, start=b"\x01\x01"),
    "no-separator": lambda digest, size: _block(_SHA256 + digest, size, end=b"\xff"),
    "digest-cut": lambda digest, size: _block(_SHA256 + digest[:-1], size),
}
"""Variant -> the block for a digest and a length; ``right`` is the one that verifies."""


def sign_with_padding(key: RSAPrivateKey, message: bytes, variant: str) -> bytes:
    """Return the signature, as long as the modulus; ``beyond-modulus`` is a right one plus the modulus."""
    numbers = key.private_numbers()
    modulus = numbers.public_numbers.n
    size = key.key_size // 8
    name = "right" if variant == "beyond-modulus" else variant
    block = int.from_bytes(VARIANTS[name](hashlib.sha256(message).digest(), size), "big")
    signature = pow(block % modulus, numbers.d, modulus)
    if variant == "beyond-modulus":
        signature += modulus
        size += signature.bit_length() > size * 8
    return signature.to_bytes(size, "big")
