"""Calling a function of the user's: where user pools, load balancers and APIs meet whatever runs it."""

from collections.abc import Mapping
from typing import Any, Protocol

from sekisho.kernel.errors import SekishoError


class FunctionFailedError(SekishoError):
    """The function was called and failed: it raised, timed out or could not start.

    ``message`` is what the caller may be told, e.g. the exception's text.
    """


class FunctionUnavailableError(SekishoError):
    """The function could not be called: there is none with that ARN, or nothing here runs functions."""


class FunctionInvoker(Protocol):
    """Runs functions by ARN and waits for their answer."""

    def invoke(
        self, function_arn: str, event: Mapping[str, Any], principal: str = "", source_arn: str = ""
    ) -> Any:
        """Return the function's answer, any JSON value.

        Blocks for as long as the function takes: never call it inside a transaction. With a ``principal`` the
        function's resource policy must let that service in, on behalf of the resource ``source_arn``.

        Raises:
            FunctionFailedError: it was called and failed.
            FunctionUnavailableError: it could not be called.
        """
        ...


class NoFunctions:
    """Runs no function: what stands in where nothing is configured."""

    def invoke(
        self, function_arn: str, event: Mapping[str, Any], principal: str = "", source_arn: str = ""
    ) -> Any:
        """Refuse.

        Raises:
            FunctionUnavailableError: always.
        """
        del event, principal, source_arn
        raise FunctionUnavailableError(f"nothing here runs the function {function_arn}")
