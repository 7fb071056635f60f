"""No rule without a proof, no proof without a rule; and both programs that decide name the rules they execute."""

import importlib
import pkgutil
import re
from collections import Counter
from pathlib import Path

from scripts.reference.proofs import collect_proofs

import sekisho
from sekisho.compile.emit.filters.policy import emit_policy
from sekisho.kernel.semantics import Kind, Rule
from sekisho.semantics_index import TOPICS, all_rules
from sekisho.verify import alb_semantics, http_api_semantics, token_semantics

SOURCE = Path(sekisho.__file__).parent
DECISION = {
    rule.id for module in (alb_semantics, http_api_semantics, token_semantics) for rule in module.RULES
}
"""The rules of a JWT decision: each has vectors that run through both programs."""

NOT_IN_LUA = {
    "TOKEN-09": "what is not read needs no line",
    "TOKEN-13": "jwt_authn verifies",
    "TOKEN-15": "every comparison is one of octets",
    "TOKEN-16": "what is not read needs no line",
    "ALB-JWT-31": "Envoy leaves out the body of an answer to HEAD",
    "ALB-JWT-33": "the policy changes no request header",
}

NOT_IN_REFERENCE = {
    "TOKEN-09": "what is not read needs no line",
    "TOKEN-15": "every comparison is one of code points",
    "TOKEN-16": "what is not read needs no line",
    **dict.fromkeys(
        ("ALB-JWT-29", "ALB-JWT-30", "ALB-JWT-31", "ALB-JWT-32", "ALB-JWT-33", "HTTP-JWT-23", "HTTP-JWT-24"),
        "the edge writes the answer to a decision",
    ),
}


def test_every_rule_stands_in_the_index() -> None:
    indexed = {id(rule) for topic in TOPICS for rule in topic.rules}
    strays = set()
    for module in pkgutil.walk_packages(sekisho.__path__, "sekisho."):
        if module.name.rpartition(".")[2].endswith("semantics") and module.name != "sekisho.kernel.semantics":
            rules = vars(importlib.import_module(module.name)).values()
            strays |= {rule.id for rule in rules if isinstance(rule, Rule) and id(rule) not in indexed}
            strays |= {
                rule.id
                for group in rules
                if isinstance(group, tuple)
                for rule in group
                if isinstance(rule, Rule) and id(rule) not in indexed
            }
    assert not strays


def test_an_id_stands_for_one_rule() -> None:
    counted = Counter(rule.id for topic in TOPICS for rule in topic.rules)
    assert [name for name, number in counted.items() if number > 1] == []
    assert all(re.fullmatch(r"[A-Z0-9]+(-[A-Z]+)*-\d\d", name) for name in counted)


def test_every_rule_has_a_public_source() -> None:
    assert [rule.id for rule in all_rules().values() if not rule.source.startswith("https://")] == []


def test_every_rule_has_a_proof() -> None:
    proofs = collect_proofs()
    assert [name for name in all_rules() if name not in proofs] == []


def test_every_proof_has_a_rule() -> None:
    assert sorted(collect_proofs().keys() - all_rules().keys()) == []


def test_every_rule_of_a_decision_has_a_vector() -> None:
    proofs = collect_proofs()
    assert [name for name in sorted(DECISION) if not proofs[name].vectors] == []


def test_a_choice_of_a_decision_says_why() -> None:
    rules = [all_rules()[name] for name in DECISION]
    assert [rule.id for rule in rules if rule.kind is Kind.CHOSEN and not rule.note] == []


def test_the_edge_names_every_rule_that_it_executes() -> None:
    program = emit_policy().default_source_code.inline_string
    named = set(re.findall(r"(?:ALB-JWT|HTTP-JWT|TOKEN)-\d\d", program))
    assert sorted(DECISION - named) == sorted(NOT_IN_LUA)
    assert sorted(named - DECISION) == []


def test_the_reference_names_every_rule() -> None:
    files = [file for file in (SOURCE / "verify").glob("*.py") if not file.name.endswith("semantics.py")]
    text = "".join(file.read_text(encoding="utf-8") for file in files).replace("_", "-")
    assert sorted(name for name in DECISION if name not in text) == sorted(NOT_IN_REFERENCE)
