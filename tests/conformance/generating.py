"""Random policies and cases, in the shape of the vectors, so that whatever is found can become one.

A case is made of a good request for its policy and a few changes to it, most of them single ones: what differs in
one thing from what is allowed finds more than what is wrong throughout.
"""

import json
from collections.abc import Sequence
from random import Random
from typing import Any
from urllib.parse import quote

from tests.conformance.minting import BITS
from tests.conformance.padding import VARIANTS

POLICY_COUNT = 120

_ISSUERS = ("https://issuer.test/", "https://issuer.test", "joe", "https://例え.test/é")
_NAMES = (
    "client_id",
    "scope",
    "cognito:groups",
    "aud",
    "sub",
    "https://x.test/roles",
    "rôle",
    "__proto__",
    "",
)
_VALUES = ("a", "b", "A", "read:api", "write:api", "tenant-a", "é", "e\u0301", "管理者", "x" * 40, "a\tb")
_FORMATS = ("single-string", "string-array", "space-separated-values")
_STATES = ("unreachable", "too-large", "refused", "invalid", "pending")
_ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -0.0, 1, -1, 1.5, 1e300, 4294967295, 4294967296, 253402300799, 253402300800, "", " ",
    "a", "a b", "  a  b ", "b a read:api write:api", "A", "tenant-a", [], ["a"], ["a", "b"], ["a", 1], [None], [[]],
    [["a"]], {}, {"a": "a"}, "@+600@", "@-600@", "@+60@", "@-60@", "@+600.25@", "@-600.75@", "read:api\twrite:api",
)  # fmt: skip
_CLAIMS = ("iss", "exp", "nbf", "iat", "aud", "sub", "jti", "client_id", "scope", "scp", "token_use", *_NAMES)
_ALGORITHMS: tuple[Any, ...] = (
    "RS256", "RS384", "RS512", "PS256", "ES256", "HS256", "none", "None", "rs256", "", " RS256", "RS256\r\n", 5, [],
    True, "RS２56", "X" * 17, "a\"b",
)  # fmt: skip
_KIDS: tuple[Any, ...] = (
    "a",
    "b",
    "foreign",
    "twin",
    "small",
    "large",
    "c",
    "A",
    "",
    5,
    [],
    {},
    True,
    "a\0",
    " a",
    "é",
)
_SCHEMES = ("Bearer", "bearer", "BEARER", "bEaReR", "Basic", "Token", "Bearer:", "", "é", "Bearer Bearer")
_BLANKS = (" ", "  ", "\t", " \t", "", ",", "\u00a0", ":", "=")
_BEHIND = ("", " ", "  ", ",", ";", " x", ", Bearer @other@", ",@other@", "\t", "=", ".", "\u00ff")
_FRAGMENTS = (
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"0", b"1e5", b"-", b".", b"e", b"E+1", b"null", b"true",
    b"\\u0000", b"\\ud800", b"\\udc00", b"\\ud83d\\udd11", b"\\u00e9", b"\xff", b"\xc3\xa9", b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\xf0\x9f\x94\x91", b"\xf4\x90\x80\x80", b"\x00", b"\x01", b"\x1f", b"\x7f", b" ", b"\n", b"\t", b"\r", b"\x0b",
    b"'", b"/", b"//", b"/**/", b"NaN", b"Infinity", b"1e400", b"-1e400", b"1e-400", b"00", b"+1", b"\xef\xbb\xbf",
    b'"iss":"x",', b'"iss":', b"[" * 31, b"]" * 31, b"\\u12", b"\\x", b"\\/", b"9" * 400,
    b"123456789012345678901234567890",
)  # fmt: skip


# --- policies -----------------------------------------------------------------------------------------------


def random_policies(random: Random) -> dict[str, dict[str, Any]]:
    """Return policies by name, in the shape of ``policies.yaml``."""
    makers = (_alb_policy, _http_api_policy)
    return {f"p{number}": makers[number % 2](random) for number in range(POLICY_COUNT)}


def _alb_policy(random: Random) -> dict[str, Any]:
    claims, good = [], {}
    for name in random.sample(_NAMES, random.choice((0, 0, 1, 1, 2, 3))):
        form = random.choice(_FORMATS)
        if name in {"aud", "sub"} and form == "space-separated-values":
            form = "single-string"
        values = random.sample(_VALUES, random.randint(1, 3))
        if form == "space-separated-values":
            values = [value for value in values if " " not in value]
        claims.append([name, form, *values])
        good[name] = _good_value(random, form, values)
    choices: dict[str, Any] = {}
    if random.random() < 0.3:
        choices = {
            "bearer_any_case": random.random() < 0.5,
            "every_space_separated_value": random.random() < 0.5,
            "leeway": random.choice((0, 150, 180.5)),
        }
    return _policy(random, "alb") | {"claims": claims, "good": good, "choices": choices}


def _good_value(random: Random, form: str, values: Sequence[str]) -> Any:
    if form == "single-string":
        return random.choice(values)
    if form == "string-array":
        return random.sample([*values, "other"], len(values) + 1)
    return " ".join(random.sample([*values, "other"], len(values) + 1))


def _http_api_policy(random: Random) -> dict[str, Any]:
    audiences = random.sample(_VALUES, random.choice((0, 1, 1, 2, 3)))
    scopes = random.sample(_VALUES, random.choice((0, 0, 1, 2)))
    good: dict[str, Any] = {}
    if audiences:
        name = random.choice(("aud", "aud", "client_id"))
        value = random.choice(audiences)
        good[name] = [value, "other"] if name == "aud" and random.random() < 0.4 else value
    if scopes:
        wanted = random.choice(scopes)
        good[random.choice(("scope", "scp"))] = random.choice((wanted, f"other {wanted}", ["other", wanted]))
    source = random.choice(
        (["header", "authorization"], ["header", "x-token"], ["query", "token"], ["query", "t é"])
    )
    choices = {"leeway": 150} if random.random() < 0.15 else {}
    shape = {"audiences": audiences, "scopes": scopes, "good": good, "source": source, "choices": choices}
    return _policy(random, "http-api") | shape


def _policy(random: Random, edge: str) -> dict[str, Any]:
    policy: dict[str, Any] = {"edge": edge, "issuer": random.choice(_ISSUERS)}
    if random.random() < 0.1:
        policy["keys"] = {"state": random.choice(_STATES), "undiscovered": random.random() < 0.3}
    elif random.random() < 0.6:
        algorithms = (None, None, "RS256", "RS384", "RS512", "ES256")
        names = random.sample(("b", "foreign", "small", "large"), random.randint(1, 4))
        policy["keys"] = {
            "jwks": [{"key": "a"}]
            + [{"key": name, "members": {"alg": random.choice(algorithms)}} for name in names]
            + [
                {"key": name, "members": {"kid": "twin"}}
                for name in random.sample(("a", "b"), random.randint(0, 2))
            ]
        }
    return policy


# --- cases --------------------------------------------------------------------------------------------------


def random_case(random: Random, policies: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a case in the shape of a vector, without what it expects."""
    name = random.choice(tuple(policies))
    case: dict[str, Any] = {"policy": name, "token": {}}
    kind, source = policies[name].get("source", ("header", "authorization"))
    if kind == "query":
        case["query"] = f"{quote(source)}=@token@"
    for _ in range(random.choice((0, 1, 1, 1, 1, 2, 2, 3))):
        change = random.choices(_CHANGES, _WEIGHTS)[0]
        change(random, case, policies[name])
    return case


def _change_claims(random: Random, case: dict[str, Any], policy: dict[str, Any]) -> None:
    names = [*policy.get("good", {}), *_CLAIMS]
    name = random.choice(names[: random.choice((4, len(names)))] or names)
    if random.random() < 0.2:
        case["token"].setdefault("without", []).append(name)
    else:
        value = random.choice((random.choice(_ODD_VALUES), random.choice(_VALUES), [random.choice(_VALUES)]))
        case["token"].setdefault("claims", {})[name] = value


def _change_header(random: Random, case: dict[str, Any], _policy: dict[str, Any]) -> None:
    header = case["token"].setdefault("header", {})
    name = random.choice(
        ("alg", "alg", "kid", "kid", "kid", "crit", "b64", "jwk", "jku", "typ", "x5c", "zip")
    )
    pool = {"alg": _ALGORITHMS, "kid": _KIDS, "typ": ("JWT", "at+jwt", 5), "b64": (True, False)}
    header[name] = random.choice(pool.get(name, _ODD_VALUES[7:]))
    if name == "kid" and header["kid"] in list(BITS) and random.random() < 0.7:
        case["token"]["key"] = header["kid"]


def _change_json(random: Random, case: dict[str, Any], policy: dict[str, Any]) -> None:
    good = {"iss": policy["issuer"], "exp": 4000000000, **policy.get("good", {})}
    text = bytearray(json.dumps(good, ensure_ascii=random.random() < 0.5, separators=(",", ":")).encode())
    for _ in range(random.choice((0, 1, 1, 2))):
        place = random.randrange(len(text) + 1)
        gone = random.choice((0, 0, 1, 1, 3))
        text[place : place + gone] = random.choice(_FRAGMENTS) if random.random() < 0.8 else b""
    case["token"]["payload_hex"] = bytes(text).hex()


def _change_text(random: Random, case: dict[str, Any], _policy: dict[str, Any]) -> None:
    characters = 'Aa09-_+/=. \t,%é"{'
    change: dict[str, Any] = random.choice(
        (
            {"append": random.choice(characters) * random.randint(1, 4)},
            {"prepend": random.choice(characters) * random.randint(1, 4)},
            {"insert": [random.randint(0, 60), random.choice(characters)]},
            {"flip": random.randint(0, 5)},
            {"cut": random.randint(1, 6)},
            {"set": random.choice(("", "e30", "e31", "W10", "AA", "AB", "AAA", "AAAA", "AAAAA", ".."))},
            {"fill": ["A", random.choice((1, 340, 342, 343, 344, 17000))]},
            {"stray": True},
        )
    )
    if random.random() < 0.8:
        change["in"] = random.randint(0, 2)
    case["token"].setdefault("edit", []).append(change)


def _change_signature(random: Random, case: dict[str, Any], _policy: dict[str, Any]) -> None:
    change: dict[str, Any] = random.choice(
        (
            {"key": random.choice(("b", "foreign", "large"))},
            {"signature": random.choice(("none", "hmac", "AAAA"))},
            {"signature": {"padding": random.choice(tuple(VARIANTS))}},
            {"hash": random.choice(("256", "384", "512"))},
            {"claims_after_signing": {random.choice(_CLAIMS): random.choice(_ODD_VALUES)}},
        )
    )
    case["token"].update(change)


def _change_place(random: Random, case: dict[str, Any], policy: dict[str, Any]) -> None:
    source = policy.get("source", ["header", "authorization"])
    if source[0] == "query":
        case["query"] = _random_query(random, source[1])
        return
    name = random.choice((source[1], source[1].title(), source[1].upper()))
    value = (
        f"{random.choice(_SCHEMES)}{random.choice(_BLANKS[:2] if random.random() < 0.6 else _BLANKS)}@token@"
    )
    if random.random() < 0.4:
        value += random.choice(_BEHIND)
    lines = [f"{name}: {random.choice((value, '@token@', 'Bearer @token@', '', 'Bearer', 'x.y.z'))}"]
    if random.random() < 0.3:
        lines.insert(
            random.randint(0, 1), f"{name}: {random.choice((value, 'Bearer @other@', '', '@token@'))}"
        )
    if random.random() < 0.2:
        lines.append(
            random.choice(("authorization_: Bearer @token@", "x-other: @token@", "cookie: token=@token@"))
        )
    case["headers"] = lines[random.randint(0, 1) if random.random() < 0.1 else 0 :]
    case["other"] = random.choice(({}, {"key": "foreign"}))


def _random_query(random: Random, name: str) -> str:
    encoded = quote(name)
    names = (
        encoded,
        encoded,
        encoded,
        encoded.upper(),
        f"%{ord(name[0]):02X}{encoded[1:]}",
        f"{encoded}%00",
        "x",
        "",
    )
    values = (
        "@token@",
        "@token@",
        "@token@",
        "@other@",
        "",
        "Bearer%20@token@",
        "@token@%20",
        "%zz@token@",
        "@token@%",
        "a+b",
    )
    pairs = [f"{random.choice(names)}={random.choice(values)}" for _ in range(random.choice((1, 1, 1, 2, 3)))]
    return random.choice(("&", "&", "&", ";", "&&")).join(pairs)


_CHANGES = (_change_claims, _change_header, _change_json, _change_text, _change_signature, _change_place)
_WEIGHTS = (9, 3, 4, 2, 2, 2)
