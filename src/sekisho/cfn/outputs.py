"""Outputs, and the exports by which stacks of one account and region share values.

Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from collections.abc import Iterable

from sekisho.cfn.document import Path
from sekisho.cfn.intrinsics import Lookup, Resolver
from sekisho.cfn.lookup import list_exports
from sekisho.cfn.template import Template
from sekisho.cfn.values import is_scalar, to_text
from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Output, Stack
from sekisho.store.api import Reader


def resolve_outputs(template: Template, lookup: Lookup) -> tuple[Output, ...]:
    """Return the outputs of a template.

    Raises:
        TemplateError: one cannot be resolved, or is no text.
    """
    resolver = Resolver(template.scope, lookup)
    outputs = []
    for name, body in template.outputs.items():
        path: Path = ("Outputs", name)
        value = resolver.resolve(body["Value"], (*path, "Value"))
        if not is_scalar(value):
            raise template.document.error(
                "Template format error: The Value field of every Outputs member must evaluate to a String.",
                path,
            )
        export = resolver.resolve(body.get("Export", {}), (*path, "Export"))
        export_name = export.get("Name") if isinstance(export, dict) else None
        description = body.get("Description")
        outputs.append(
            Output(
                name,
                to_text(value),
                None if description is None else str(description),
                to_text(export_name) if is_scalar(export_name) else None,
            )
        )
    return tuple(outputs)


def check_exports(state: Reader, stack: Stack, outputs: Iterable[Output]) -> None:
    """Check that a stack may export what it wants to, and still exports what others import unchanged.

    Raises:
        ServiceError: another stack exports the same name, or uses what would change.
    """
    wanted = {output.export_name: output for output in outputs if output.export_name is not None}
    for name, (owner, _) in list_exports(state, stack.scope).items():
        if owner.id != stack.id and name in wanted:
            raise ServiceError(
                "ValidationError", f"Export with name {name} is already exported by stack {owner.name}."
            )
    for output in stack.outputs:
        exported = output.export_name
        users = list_importers(state, stack, exported) if exported is not None else []
        if not users or exported is None:
            continue
        if exported not in wanted:  # CFN-09
            raise ServiceError("ValidationError", _in_use(exported, "deleted", users))
        if wanted[exported].value != output.value:
            raise ServiceError("ValidationError", _in_use(exported, "updated", users))


def check_unused(state: Reader, stack: Stack) -> None:
    """Check that nobody imports what a stack exports.

    Raises:
        ServiceError: somebody does.
    """
    check_exports(state, stack, ())


def list_importers(state: Reader, stack: Stack, name: str) -> list[str]:
    """Return the names of the other stacks that import a name."""
    others = (one for one in state.list(Stack, stack.scope) if one.deleted is None and one.id != stack.id)
    return [other.name for other in others if name in other.imports]


def _in_use(name: str, verb: str, users: list[str]) -> str:
    return f"Export {name} cannot be {verb} as it is in use by {', '.join(users)}"
