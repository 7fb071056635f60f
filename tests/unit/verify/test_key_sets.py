import base64
import functools
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from sekisho.model.ir import Flavour, KeySet, KeySetState, key_set_name
from sekisho.verify.key_semantics import RULES
from sekisho.verify.key_sets import ALB_KEY_LIMIT, SIZE_LIMIT, is_jwks, parse_jwks

URL = "https://idp.example/jwks.json"
BOTH = pytest.mark.parametrize("edge", list(Flavour))


def base64url(number: int) -> str:
    octets = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


@functools.cache
def modulus(_which: int, bits: int = 2048) -> int:
    return rsa.generate_private_key(65537, bits).public_key().public_numbers().n


def jwk(kid: str | None = "k1", which: int = 1, bits: int = 2048, **members: Any) -> dict[str, Any]:
    key = {"kty": "RSA", "kid": kid, "n": base64url(modulus(which, bits)), "e": "AQAB"}
    return {name: value for name, value in {**key, **members}.items() if value is not None}


def parse(*keys: Any, edge: Flavour = Flavour.ALB) -> KeySet:
    return parse_jwks(URL, json.dumps({"keys": keys}).encode(), edge)


def kids(key_set: KeySet) -> list[str]:
    return [key.kid for key in key_set.keys]


@BOTH
def test_the_keys_of_a_set_are_read_in_order(edge: Flavour) -> None:
    found = parse(jwk("k1", alg="RS256", use="sig", key_ops=["verify"]), jwk("k2", 2), edge=edge)
    assert found.state is KeySetState.READY
    assert (found.name, found.url, found.detail, found.refused) == (URL, URL, "", ())
    assert [(key.kid, key.bits, key.alg, key.e) for key in found.keys] == [
        ("k1", 2048, "RS256", "AQAB"),
        ("k2", 2048, None, "AQAB"),
    ]
    assert found.keys[0].n == jwk()["n"]


@BOTH
@pytest.mark.semantics("KEYS-01")
def test_the_size_limit_is_the_last_size_that_works(edge: Flavour) -> None:
    body = json.dumps({"keys": [jwk()]}).encode()
    fits = body + b" " * (SIZE_LIMIT - len(body))
    assert parse_jwks(URL, fits, edge).state is KeySetState.READY
    assert parse_jwks(URL, fits + b" ", edge).state is KeySetState.TOO_LARGE


@pytest.mark.semantics("KEYS-02")
def test_an_alb_takes_ten_keys_of_whatever_type() -> None:
    foreign: list[dict[str, Any]] = [{"kty": "EC", "kid": f"e{number}"} for number in range(ALB_KEY_LIMIT)]
    assert parse(*foreign[1:], jwk()).state is KeySetState.READY
    too_many = parse(*foreign, jwk())
    assert too_many.state is KeySetState.TOO_LARGE
    assert not too_many.keys
    assert parse(*foreign, jwk(), edge=Flavour.HTTP_API).state is KeySetState.READY


@BOTH
@pytest.mark.semantics("KEYS-03")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b"null",
        b"[]",
        b"{}",
        b'{"keys":{}}',
        b'{"keys":[1]}',
        b'{"keys":[{"kid":"k"}]}',
        b'{"keys":[{"kty":1}]}',
        b'{"keys":[]} x',
        b'{"keys":[NaN]}',
        b'{"keys":[],"x":Infinity}',
        b'\xef\xbb\xbf{"keys":[]}',
        '{"keys":[]}'.encode("utf-16"),
        b'{"keys":[],"x":"\xff"}',
        b"[" * 100_000,
        b'{"keys":[' + b"9" * 100_000 + b"]}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_not_a_key_set_is_invalid(edge: Flavour, body: bytes) -> None:
    found = parse_jwks(URL, body, edge)
    assert found.state is KeySetState.INVALID
    assert not found.keys
    assert found.detail
    assert not is_jwks(body)


@pytest.mark.semantics("KEYS-04")
def test_duplicate_member_names_are_invalid() -> None:
    key = json.dumps(jwk())
    for body in (f'{{"keys":[{key}],"keys":[{key}]}}', f'{{"keys":[{key[:-1]},"use":"sig","use":"sig"}}]}}'):
        assert parse_jwks(URL, body.encode(), Flavour.ALB).state is KeySetState.INVALID


@BOTH
@pytest.mark.semantics("KEYS-05")
def test_an_unusable_key_does_not_spoil_the_set(edge: Flavour) -> None:
    found = parse({"kty": "EC", "kid": "ec"}, jwk("k1"), jwk("enc", 2, use="enc"), edge=edge)
    assert kids(found) == ["k1"]
    assert found.refused == ("ec", "enc")
    assert "'ec' is not used: its kty is not RSA" in found.detail


@BOTH
@pytest.mark.semantics("KEYS-06")
def test_a_set_without_a_usable_key_is_invalid(edge: Flavour) -> None:
    for keys in ([], [{"kty": "EC", "kid": "ec"}]):
        found = parse(*keys, edge=edge)
        assert found.state is KeySetState.INVALID
        assert is_jwks(json.dumps({"keys": keys}).encode())


@pytest.mark.semantics("KEYS-07", "KEYS-08")
@pytest.mark.parametrize(
    ("bits", "alb", "http_api"), [(1024, False, False), (2048, True, True), (3072, False, True)]
)
def test_the_size_of_the_modulus_counts(bits: int, alb: bool, http_api: bool) -> None:
    assert (parse(jwk(bits=bits)).state is KeySetState.READY) is alb
    assert (parse(jwk(bits=bits), edge=Flavour.HTTP_API).state is KeySetState.READY) is http_api


@pytest.mark.semantics("KEYS-08")
def test_a_modulus_over_8192_bits_is_refused() -> None:
    found = parse(jwk(n=base64url((1 << 8192) + 1)), edge=Flavour.HTTP_API)
    assert "8193 bits" in found.detail


@pytest.mark.parametrize(
    ("members", "why"),
    [
        pytest.param({"kty": "oct"}, "kty", marks=pytest.mark.semantics("KEYS-09")),
        pytest.param({"kty": "rsa"}, "kty", marks=pytest.mark.semantics("KEYS-09")),
        pytest.param({"alg": "ES256"}, "alg", marks=pytest.mark.semantics("KEYS-09")),
        pytest.param({"alg": "PS256"}, "alg", marks=pytest.mark.semantics("KEYS-09")),
        pytest.param({"alg": "HS256"}, "alg", marks=pytest.mark.semantics("KEYS-09")),
        pytest.param({"alg": ["RS256"]}, "alg", marks=pytest.mark.semantics("KEYS-09")),
        pytest.param({"use": "enc"}, "use", marks=pytest.mark.semantics("KEYS-10")),
        pytest.param({"use": 1}, "use", marks=pytest.mark.semantics("KEYS-10")),
        pytest.param({"key_ops": ["sign"]}, "key_ops", marks=pytest.mark.semantics("KEYS-11")),
        pytest.param({"key_ops": []}, "key_ops", marks=pytest.mark.semantics("KEYS-11")),
        pytest.param({"key_ops": "verify"}, "key_ops", marks=pytest.mark.semantics("KEYS-11")),
        pytest.param({"d": "AQAB"}, "private", marks=pytest.mark.semantics("KEYS-12")),
        pytest.param({"qi": ""}, "private", marks=pytest.mark.semantics("KEYS-12")),
        pytest.param({"kid": None}, "kid", marks=pytest.mark.semantics("KEYS-13")),
        pytest.param({"kid": ""}, "kid", marks=pytest.mark.semantics("KEYS-13")),
        pytest.param({"kid": 7}, "kid", marks=pytest.mark.semantics("KEYS-13")),
        pytest.param({"n": None}, "n is not", marks=pytest.mark.semantics("KEYS-15")),
        pytest.param({"n": ""}, "n is not", marks=pytest.mark.semantics("KEYS-15")),
        pytest.param({"e": 65537}, "e is not", marks=pytest.mark.semantics("KEYS-15")),
        pytest.param({"e": "AQ=="}, "e is not", marks=pytest.mark.semantics("KEYS-15")),
        pytest.param({"e": "AQAB\n"}, "e is not", marks=pytest.mark.semantics("KEYS-15")),
        pytest.param({"e": "AQABA"}, "e is not", marks=pytest.mark.semantics("KEYS-15")),
        pytest.param({"e": "AAEAAQ"}, "minimal", marks=pytest.mark.semantics("KEYS-15")),
        pytest.param({"e": "AR"}, "minimal", marks=pytest.mark.semantics("KEYS-15")),
        pytest.param({"e": "AQ"}, "RSA key", marks=pytest.mark.semantics("KEYS-15")),
        pytest.param({"e": "BA"}, "RSA key", marks=pytest.mark.semantics("KEYS-15")),
        pytest.param({"e": base64url((1 << 33) + 1)}, "RSA key", marks=pytest.mark.semantics("KEYS-15")),
        pytest.param({"n": base64url(1 << 2047)}, "RSA key", marks=pytest.mark.semantics("KEYS-15")),
        pytest.param({"n": base64url(pow(65537, 127))}, "bits", marks=pytest.mark.semantics("KEYS-07")),
    ],
)
def test_a_key_that_may_not_verify_is_refused(members: dict[str, Any], why: str) -> None:
    key = jwk()
    key.update(members)
    key = {name: value for name, value in key.items() if value is not None}
    found = parse(key, jwk("good", 2))
    assert kids(found) == ["good"]
    assert why in found.detail


@pytest.mark.semantics("KEYS-16")
def test_a_modulus_with_the_roca_fingerprint_is_refused() -> None:
    # A power of 65537 is one modulo every prime, as the product of two weak primes is.
    weak = 65537**128
    found = parse(jwk(n=base64url(weak)), edge=Flavour.HTTP_API)
    assert "ROCA" in found.detail


@BOTH
@pytest.mark.semantics("KEYS-14")
def test_two_keys_with_one_id_refuse_each_other(edge: Flavour) -> None:
    found = parse(jwk("k1", 1), jwk("k2", 2), jwk("k1", 2), edge=edge)
    assert kids(found) == ["k2"]
    assert found.refused == ("k1",)
    mixed = parse(jwk("k1", 1), {"kty": "EC", "kid": "k1"}, jwk("k2", 2), edge=edge)
    assert kids(mixed) == ["k2"]


@pytest.mark.semantics("KEYS-14")
def test_identical_keys_with_one_id_count_once() -> None:
    assert kids(parse(jwk("k1"), jwk("k1"))) == ["k1"]


def test_a_hostile_id_is_cut_short_in_messages() -> None:
    found = parse({"kty": "EC", "kid": "x" * 10_000}, jwk())
    assert len(found.detail) < 200
    assert found.refused == ("x" * 10_000,)


def test_the_names_of_the_two_edges_never_meet() -> None:
    assert key_set_name(URL, Flavour.ALB) == URL
    assert key_set_name(URL, Flavour.HTTP_API) != URL
    assert parse_jwks(URL, b"", Flavour.HTTP_API, "name").name == "name"


def test_rule_ids_are_unique_and_chosen_ones_say_why_or_cite() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.source.startswith("https://") for rule in RULES)
