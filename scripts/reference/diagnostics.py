"""The diagnostics."""

from scripts.reference.markdown import page, table

from sekisho.model.diagnostics import CATALOGUE, Severity

_MEANING = {
    Severity.ERROR: "a route answers 500 or 562, or a listener is not served",
    Severity.WARNING: "traffic flows, but not as the author probably meant",
    Severity.INFO: "it passes by itself",
}


def render() -> str:
    """Return the page."""
    intro = (
        "A diagnostic says why something that was configured does not work. `sekisho up` and `sekisho status` print "
        "them; `GET /_sekisho/diagnostics` returns them as JSON with `code`, `severity`, `arn` of the resource, "
        "`message` and the id of the [rule](semantics.md) behind it."
    )
    severities = "\n".join(f"- `{severity}`: {meaning}" for severity, meaning in _MEANING.items())
    rows = [[f"`{one.code}`", one.severity, one.cause, one.cure] for one in CATALOGUE]
    return page(
        "Diagnostics", intro, severities, table(["Code", "Severity", "What is wrong", "What to do"], rows)
    )
