"""Finding functions, versions and aliases by the names and ARNs that callers use.

Forms of a name: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sekisho.kernel.arn import Arn
from sekisho.kernel.errors import ServiceError
from sekisho.model.lambda_ import LATEST, Alias, Function, FunctionVersion
from sekisho.services.lambda_ import errors
from sekisho.store.api import Reader

T = TypeVar("T")

_NAME = re.compile(
    r"(?:arn:[a-z0-9-]+:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):function:"
    r"|(?P<partial>\d{12}):function:|function:)?"
    r"(?P<name>[A-Za-z0-9_-]{1,64})(?::(?P<qualifier>\$LATEST|[A-Za-z0-9_-]{1,128}))?"
)
_PAGE = 50


class Home(Protocol):
    """Where a caller is: the account and the region."""

    @property
    def account_id(self) -> str:
        """Return the account's number."""
        ...

    @property
    def region(self) -> str:
        """Return the region."""
        ...


@dataclass(frozen=True, slots=True)
class FunctionName:
    """What a caller named: the function's ARN, its name, and a version or alias where one was given."""

    arn: str
    name: str
    qualifier: str | None = None

    @property
    def resource(self) -> str:
        """Return the ARN with the version or alias."""
        return self.arn if self.qualifier is None else f"{self.arn}:{self.qualifier}"


def parse_name(ctx: Home, text: str, qualifier: str | None = None) -> FunctionName:
    """Return the function that a name, a partial or a whole ARN means.

    Raises:
        ServiceError: it is not such a name, it is of another region or account, or there are two qualifiers.
    """
    found = _NAME.fullmatch(text)
    if found is None:
        raise errors.validation(
            f"Value '{text}' at 'functionName' failed to satisfy constraint: Member must satisfy regular"
            f" expression pattern: {_NAME.pattern}"
        )
    inner = found["qualifier"]
    if qualifier is not None and inner is not None and inner != qualifier:
        raise errors.invalid_parameter(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    region = found["region"] or ctx.region
    if region != ctx.region:
        raise errors.other_region(region, ctx.region)
    account = found["account"] or found["partial"] or ctx.account_id
    arn = str(Arn("lambda", region, account, f"function:{found['name']}"))
    return FunctionName(arn, found["name"], qualifier or inner)


def parse_arn(arn: str) -> FunctionName | None:
    """Return the function that an ARN names, wherever it is, or None where it names none."""
    found = _NAME.fullmatch(arn)
    if found is None or found["region"] is None:
        return None
    function = str(Arn("lambda", found["region"], found["account"], f"function:{found['name']}"))
    return FunctionName(function, found["name"], found["qualifier"])


def get_function(state: Reader, name: FunctionName) -> Function:
    """Return the function.

    Raises:
        ServiceError: ResourceNotFoundException.
    """
    function = state.find(Function, name.arn)
    if function is None:
        raise errors.function_not_found(name.resource)
    return function


def get_version(state: Reader, name: FunctionName) -> FunctionVersion:
    """Return the version that is named, by number or by alias; the newest code without a qualifier.

    Raises:
        ServiceError: ResourceNotFoundException.
    """
    found = find_version(state, name)
    if found is None:
        raise errors.function_not_found(name.resource)
    return found


def find_version(state: Reader, name: FunctionName) -> FunctionVersion | None:
    """Return the version that is named, or None where there is none."""
    qualifier = name.qualifier or LATEST
    version = state.find(FunctionVersion, f"{name.arn}:{qualifier}")
    if version is not None:
        return version
    alias = state.find(Alias, f"{name.arn}:{qualifier}")
    return None if alias is None else state.find(FunctionVersion, f"{name.arn}:{alias.version}")


def page(items: Sequence[T], request: dict[str, Any], most: int = _PAGE) -> tuple[list[T], dict[str, str]]:
    """Return a page of a list, and ``NextMarker`` where there is more.

    Raises:
        ServiceError: the marker is not one of ours.
    """
    marker = request.get("Marker") or "0"
    if not marker.isdecimal():
        raise _bad_marker()
    start = int(marker)
    end = start + min(request.get("MaxItems") or most, most)
    return list(items[start:end]), {"NextMarker": str(end)} if end < len(items) else {}


def _bad_marker() -> ServiceError:
    return errors.invalid_parameter("The value supplied for parameter 'Marker' is not valid.")
