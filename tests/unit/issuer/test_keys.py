import base64
import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sekisho.issuer.context import IssuerContext
from sekisho.issuer.jwks import key_set
from sekisho.issuer.keys import (
    KeyProfile,
    create_keys,
    current_key,
    delete_keys,
    generate_private_key,
    load_private_key,
    rotate_keys,
    withdraw_key,
)
from sekisho.model.keys import KeyStatus, SigningKey
from sekisho.store.api import NotFoundError, Store

Contexts = Callable[[], AbstractContextManager[IssuerContext]]
ISSUER = "https://issuer.example.com/"
PROFILE = KeyProfile(ISSUER, lambda ids: ids.text(21), certificate_name="issuer.example.com")


def kids(store: Store) -> list[str]:
    with store.read() as state:
        return [key["kid"] for key in key_set(state, ISSUER)["keys"]]


@pytest.fixture
def made(store: Store, context: Contexts) -> Store:
    with context() as ctx:
        create_keys(ctx, PROFILE)
    return store


@pytest.mark.slow
def test_generated_keys_are_rsa_2048() -> None:
    assert load_private_key(generate_private_key()).key_size == 2048


@pytest.mark.semantics("AUTH0-20")
def test_current_and_next_are_published(made: Store) -> None:
    with made.read() as state:
        keys = key_set(state, ISSUER)["keys"]
        assert current_key(state, ISSUER).kid == keys[0]["kid"]
    assert len(keys) == 2
    assert keys[0]["n"] != keys[1]["n"]
    for key in keys:
        assert list(key) == ["kty", "use", "n", "e", "kid", "x5t", "x5c", "alg"]
        assert (key["kty"], key["use"], key["e"], key["alg"]) == ("RSA", "sig", "AQAB", "RS256")


def test_the_certificate_is_the_key_s_own(made: Store) -> None:
    with made.read() as state:
        key = key_set(state, ISSUER)["keys"][0]
    der = base64.b64decode(key["x5c"][0])
    certificate = x509.load_der_x509_certificate(der)
    public = certificate.public_key()
    assert isinstance(public, RSAPublicKey)
    modulus = base64.urlsafe_b64decode(key["n"] + "==")
    assert public.public_numbers().n == int.from_bytes(modulus)
    assert certificate.subject.rfc4514_string() == "CN=issuer.example.com"
    certificate.verify_directly_issued_by(certificate)
    thumbprint = hashlib.sha1(der).digest()
    assert key["x5t"] == base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode()


def test_an_issuer_without_certificates(store: Store, context: Contexts) -> None:
    with context() as ctx:
        create_keys(ctx, KeyProfile("https://pool", lambda ids: ids.text(43) + "=", purpose="id"))
    with store.read() as state:
        key = current_key(state, "https://pool", "id")
        assert sorted(key.public_jwk) == ["alg", "e", "kid", "kty", "n", "use"]
        with pytest.raises(NotFoundError):
            current_key(state, "https://pool", "access")


@pytest.mark.semantics("AUTH0-21")
def test_rotation(made: Store, context: Contexts) -> None:
    first, second = kids(made)
    with context() as ctx:
        third = rotate_keys(ctx, PROFILE).kid
    assert kids(made) == [second, third, first]
    with context() as ctx:
        fourth = rotate_keys(ctx, PROFILE).kid
    assert kids(made) == [third, fourth, second]
    with made.read() as state:
        withdrawn = state.get(SigningKey, f"{ISSUER} {first}")
    assert (withdrawn.status, withdrawn.private_pem) == (KeyStatus.WITHDRAWN, "")


@pytest.mark.semantics("AUTH0-21")
def test_only_the_previous_key_can_be_withdrawn(made: Store, context: Contexts) -> None:
    first, second = kids(made)
    with context() as ctx:
        third = rotate_keys(ctx, PROFILE).kid
        withdraw_key(ctx, ctx.state.get(SigningKey, f"{ISSUER} {first}"))
    assert kids(made) == [second, third]
    for kid in (second, third, first):
        with pytest.raises(ValueError, match=r"in use"), context() as ctx:
            withdraw_key(ctx, ctx.state.get(SigningKey, f"{ISSUER} {kid}"))
    assert kids(made) == [second, third]


def test_deleting(made: Store, context: Contexts) -> None:
    with context() as ctx:
        delete_keys(ctx, ISSUER)
    assert kids(made) == []


def test_repr_shows_no_private_key(made: Store) -> None:
    with made.read() as state:
        assert "PRIVATE" not in repr(current_key(state, ISSUER))
