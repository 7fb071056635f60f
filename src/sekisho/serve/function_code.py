"""The code of functions that a deployment brings: assets of cloud assemblies, and folders of the user's."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from sekisho.cfn.cdk_out import list_objects
from sekisho.cfn.handlers import Operations
from sekisho.cfn.serverless_sources import LOCAL_CODE
from sekisho.kernel.errors import UsageError
from sekisho.model.cloudformation import StackResource
from sekisho.model.lambda_ import LATEST, CodeBinding, CodeObject, Function, FunctionVersion
from sekisho.model.project import Project
from sekisho.store.api import Reader, Store

_FUNCTION = "AWS::Lambda::Function"


class FunctionCode:
    """Tells functions where their code is on this machine."""

    def __init__(self, store: Store, operations: Operations, account_id: str) -> None:
        self._store = store
        self._operations = operations
        self._account_id = account_id

    def take_assets(self, assembly: Path, region: str) -> None:
        """Have the assets of a cloud assembly stand for the S3 objects that its templates name.

        A function that was made without code because its object was not there gets it now.

        Raises:
            ServiceError: an asset manifest cannot be read, or an asset cannot be unpacked.
        """
        found = [
            CodeObject(bucket, key, str(path.absolute()))
            for bucket, key, path in list_objects(assembly, self._account_id, region)
        ]
        if not found:
            return
        with self._store.read() as state:
            new = [one for one in found if state.find(CodeObject, one.key) != one]
            waiting = _without_code(state, f"{self._account_id}/{region}")
        if new:
            with self._store.write() as state:
                for one in new:
                    state.put(one)
        for one in found:
            for name in waiting.get(f"s3://{one.key}", ()):
                params = {"FunctionName": name, "S3Bucket": one.bucket, "S3Key": one.object_key}
                with self._store.write() as state:
                    self._operations.call_within(state, "lambda", "UpdateFunctionCode", params, region)

    def bind(self, project: Project, stack_ids: Iterable[str]) -> None:
        """Have functions run from what a ``sekisho.yaml`` or a serverless template names here, and nothing else.

        Raises:
            UsageError: it names something that is no function.
        """
        ids = tuple(stack_ids)
        with self._store.read() as state:
            wanted = {binding.key: binding for binding in _bindings(state, project, ids)}
            known = {one.key: one for stack_id in ids for one in state.list(CodeBinding, stack_id)}
        if wanted == known:
            return
        with self._store.write() as state:
            for key in known.keys() - wanted.keys():
                state.delete(CodeBinding, key)
            for binding in wanted.values():
                state.put(binding)


def _without_code(state: Reader, home: str) -> Mapping[str, list[str]]:
    """Return the names of the functions whose code is not on this machine, by where it is."""
    waiting: dict[str, list[str]] = {}
    for function in state.list(Function, home):
        code = state.get(FunctionVersion, f"{function.arn}:{LATEST}").configuration.code
        if not code.folder:
            waiting.setdefault(code.source, []).append(function.name)
    return waiting


def _bindings(state: Reader, project: Project, stack_ids: Iterable[str]) -> list[CodeBinding]:
    functions = {
        one.logical_id: one
        for stack_id in stack_ids
        for one in state.list(StackResource, stack_id)
        if one.type == _FUNCTION and one.current is not None
    }
    strangers = project.assets.keys() - functions.keys()
    if strangers:
        raise UsageError(f"{project.file}: assets.{min(strangers)}: no function has this logical id")
    beside = {name: path for name, one in functions.items() if (path := _beside_template(one))}
    paths = beside | {name: str(path) for name, path in project.assets.items()}
    return [CodeBinding(functions[name].stack_id, name, path) for name, path in paths.items()]


def _beside_template(function: StackResource) -> str:
    """Return the path of the code that a serverless template has beside it for a function, or nothing."""
    code = function.current.properties.get("Code") if function.current is not None else None
    if not isinstance(code, dict) or code.get("S3Bucket") != LOCAL_CODE:
        return ""
    return str(code.get("S3Key", ""))
