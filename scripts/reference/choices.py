"""What was chosen where nobody says what the real service does."""

from scripts.reference.markdown import page, table

from sekisho.kernel.semantics import Kind
from sekisho.semantics_index import TOPICS, Topic


def render() -> str:
    """Return the page."""
    intro = (
        "Every rule of kind *chosen*, with the reason: where no public text says what AWS or Auth0 does, or where "
        "Sekisho does something else on purpose. What this means to users is told in "
        "[differences from AWS](../explanation/differences-from-aws.md). If you can observe the real service and it "
        "differs, open an issue with the exchange: one rule and its vectors change."
    )
    return page("Choices", intro, *(_topic(topic) for topic in TOPICS))


def _topic(topic: Topic) -> str:
    chosen = [rule for rule in topic.rules if rule.kind is Kind.CHOSEN]
    if not chosen:
        return ""
    rows = [[f"[{rule.id}](semantics.md#{rule.id.lower()})", rule.claim, rule.note] for rule in chosen]
    return f"## {topic.title}\n\n{table(['Rule', 'Claim', 'Reason'], rows)}"
