"""Values as CloudFormation sees them: how scalars become text, and what ``AWS::NoValue`` stands for."""

from typing import Any, Final, TypeGuard, final


@final
class NoValueType:
    """The type of :data:`NO_VALUE`."""

    def __repr__(self) -> str:
        return "AWS::NoValue"


NO_VALUE: Final = NoValueType()
"""What ``Ref: AWS::NoValue`` resolves to: the member that holds it is left out."""


def is_scalar(value: Any) -> TypeGuard[str | float | bool]:
    """Tell whether the value is text, a number or a boolean."""
    return isinstance(value, str | int | float | bool)


def to_text(value: str | float | bool) -> str:
    """Return a scalar as CloudFormation writes it into a string."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return f"{value:.1f}"
    return str(value)


def find_function(value: Any) -> tuple[str, Any] | None:
    """Return name and argument of an intrinsic function, or None where the value is none."""
    if isinstance(value, dict) and len(value) == 1:
        (name,) = value
        if name == "Ref" or (name == "Condition" and isinstance(value[name], str)) or name.startswith("Fn::"):
            return name, value[name]
    return None
