"""The rules of behaviour, with their sources and proofs."""

from collections import Counter
from collections.abc import Mapping

from scripts.reference.markdown import cell, page, table
from scripts.reference.proofs import Proof, collect_proofs

from sekisho.kernel.semantics import Kind, Rule
from sekisho.semantics_index import TOPICS, Topic

_KINDS = {
    Kind.DOCUMENTED: "a page of AWS or of the product, a service model, or an RFC says so",
    Kind.OBSERVED: "somebody recorded the real service doing so, and published it",
    Kind.CHOSEN: "nobody says; this is the safest reading, and the reason stands beside it",
}


def render() -> str:
    """Return the page."""
    proofs = collect_proofs()
    counted = Counter(rule.kind for topic in TOPICS for rule in topic.rules)
    kinds = "\n".join(f"- *{kind}* ({counted[kind]}): {meaning}" for kind, meaning in _KINDS.items())
    intro = (
        f"What Sekisho promises about behaviour: {counted.total()} rules. `sekisho explain` and diagnostics name their "
        "ids, and so do the lines of code that decide. A rule has a source, and vectors or tests that prove it. "
        "Vectors run through the reference in Python and through Envoy, and both must give the same answer."
    )
    return page("Semantics", intro, kinds, *(_topic(topic, proofs) for topic in TOPICS))


def _topic(topic: Topic, proofs: Mapping[str, Proof]) -> str:
    rows = [_row(rule, proofs.get(rule.id, Proof())) for rule in topic.rules]
    return f"## {topic.title}\n\n{table(['Rule', 'Claim', 'Kind', 'Proved by'], rows)}"


def _row(rule: Rule, proof: Proof) -> list[str]:
    note = f" *{cell(rule.note)}*" if rule.note else ""
    return [
        f'<a id="{rule.id.lower()}"></a>{rule.id}',
        f"{rule.claim}{note}",
        f"[{rule.kind}]({rule.source})",
        ", ".join(_proofs(proof)),
    ]


def _proofs(proof: Proof) -> list[str]:
    shown = [f"{number} in `{name}`" for name, number in sorted(proof.vectors.items())]
    by_file: dict[str, list[str]] = {}
    for test in sorted(proof.tests):
        path, _, name = test.partition("::")
        by_file.setdefault(path, []).append(name)
    return shown + [f"`{path.removeprefix('tests/')}` ({len(names)})" for path, names in by_file.items()]
