"""From an ARN to a function that can be run: which version, whose code, and whether the caller may."""

from collections.abc import Mapping
from pathlib import Path

from sekisho.functions.code_store import CodeStore
from sekisho.functions.folders import fingerprint
from sekisho.functions.model import Caller, FunctionSpec
from sekisho.kernel.ids import HEX, Ids
from sekisho.model.cloudformation import StackResource
from sekisho.model.lambda_ import LATEST, Alias, CodeBinding, Function, FunctionVersion
from sekisho.services.hosting import FunctionNotRunError
from sekisho.services.lambda_.lookup import FunctionName, parse_arn
from sekisho.services.lambda_.permissions import may_invoke
from sekisho.store.api import Reader, Store


class Catalogue:
    """Looks functions up in the state; blocks, so call it in a thread."""

    def __init__(self, store: Store, code: CodeStore, ids: Ids) -> None:
        self._store = store
        self._code = code
        self._ids = ids

    def find(self, resource: str, caller: Caller | None = None) -> FunctionSpec:
        """Return the function, version or alias with that ARN, ready to run.

        Raises:
            FunctionNotRunError: there is none, the caller may not invoke it, or its code is not on this machine.
        """
        name = parse_arn(resource)
        if name is None:
            raise _not_found(resource)
        with self._store.read() as state:
            function = state.find(Function, name.arn)
            version = self._choose_version(state, name)
            if function is None or version is None:
                raise _not_found(name.resource)
            if caller is not None and not may_invoke(state, name, caller.principal, caller.source_arn):
                raise FunctionNotRunError(
                    "AccessDeniedException", f"{caller.principal} is not allowed to invoke {name.resource}"
                )
            binding = _find_binding(state, function)
        return self._spec(function, version, binding)

    def _choose_version(self, state: Reader, name: FunctionName) -> FunctionVersion | None:
        qualifier = name.qualifier or LATEST
        alias = state.find(Alias, f"{name.arn}:{qualifier}")
        if alias is not None:
            qualifier = _weighted(alias.version, alias.weights, int(self._ids.text(6, HEX), 16) / 16**6)
        return state.find(FunctionVersion, f"{name.arn}:{qualifier}")

    def _spec(
        self, function: Function, version: FunctionVersion, binding: CodeBinding | None
    ) -> FunctionSpec:
        configuration = version.configuration
        folder, revision = self._locate(version, binding)
        return FunctionSpec(
            arn=function.arn if version.version == LATEST else version.arn,
            function_arn=function.arn,
            name=function.name,
            version=version.version,
            runtime=configuration.runtime,
            handler=configuration.handler,
            code=folder,
            environment=configuration.environment,
            timeout=configuration.timeout,
            memory=configuration.memory,
            revision=revision,
            concurrency=function.reserved_concurrency,
        )

    def _locate(self, version: FunctionVersion, binding: CodeBinding | None) -> tuple[Path, str]:
        """Return the folder that a version runs from, and its revision."""
        code = version.configuration.code
        if binding is not None:
            bound = Path(binding.path)
            if bound.is_dir():
                return bound, f"{version.revision_id} {fingerprint(bound)}"
            if bound.is_file():
                kept = self._code.keep(bound.read_bytes())
                return self._code.path(kept.folder), f"{version.revision_id} {kept.folder}"
            raise _no_code(version, f"{bound}, which sekisho.yaml names, is not there")
        if not code.folder:
            raise _no_code(
                version, f"{code.source} is not on this machine; name a folder for it in sekisho.yaml"
            )
        return self._code.path(code.folder), version.revision_id


def _weighted(version: str, weights: Mapping[str, float], drawn: float) -> str:
    """Return the version that a number from 0 to 1 falls to."""
    for other, weight in weights.items():
        if drawn < weight:
            return other
        drawn -= weight
    return version


def _find_binding(state: Reader, function: Function) -> CodeBinding | None:
    return next((one for one in state.list(CodeBinding) if _is_bound(state, one, function)), None)


def _is_bound(state: Reader, binding: CodeBinding, function: Function) -> bool:
    resource = state.find(StackResource, binding.key)
    if resource is None or resource.current is None or resource.current.physical_id != function.name:
        return False
    # A stack's ARN names the account and the region of its resources.
    return binding.stack_id.split(":")[3:5] == function.arn.split(":")[3:5]


def _not_found(resource: str) -> FunctionNotRunError:
    return FunctionNotRunError("ResourceNotFoundException", f"Function not found: {resource}")


def _no_code(version: FunctionVersion, why: str) -> FunctionNotRunError:
    return FunctionNotRunError(
        "InvalidZipFileException", f"There is no code for {version.function_arn}: {why}."
    )
