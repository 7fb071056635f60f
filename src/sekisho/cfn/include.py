"""Puts files into a template where ``Fn::Transform`` names AWS::Include.

Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sekisho.cfn.document import Document
from sekisho.cfn.document import Path as Place
from sekisho.cfn.load import load_template

INCLUDE = "AWS::Include"

_FUNCTION = "Fn::Transform"


def include_files(document: Document, folder: str) -> Document:
    """Return the template with the files that it includes, from the folder of the template.

    Raises:
        TemplateError: a file is not there, is no object, or lies in S3; or another macro is named.
    """
    if not _includes(document.body):
        return document
    body: Mapping[str, Any] = _expand(document, folder, document.body, ())
    return Document(body, document.marks, document.source, document.text)


def _expand(document: Document, folder: str, value: Any, path: Place) -> Any:
    if isinstance(value, list):
        return [_expand(document, folder, one, (*path, index)) for index, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    members = {
        name: _expand(document, folder, one, (*path, name))
        for name, one in value.items()
        if name != _FUNCTION
    }
    if _FUNCTION in value:  # CFN-21
        place = (*path, _FUNCTION)
        for name, one in _read(document, folder, value[_FUNCTION], place).items():
            if name in members:
                raise document.error(f"{name} stands beside the file that has it too.", place)
            members[name] = one
    return members


def _read(document: Document, folder: str, given: Any, place: Place) -> Mapping[str, Any]:
    macro = given if isinstance(given, dict) else {}
    if macro.get("Name") != INCLUDE:
        raise document.error(f"No transform named {macro.get('Name')} found.", place)
    parameters = macro.get("Parameters")
    location = parameters.get("Location") if isinstance(parameters, dict) else None
    if not isinstance(location, str) or location.startswith("s3://") or not folder:
        raise document.error(
            f"{INCLUDE}: Sekisho reads no files from S3; with sekisho up a Location may be a path beside the template.",
            place,
        )
    try:
        text = (Path(folder) / location).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise document.error(f"{INCLUDE}: {location} cannot be read: {error}", place) from None
    included = load_template(text, location)
    if _includes(included.body):
        raise document.error(f"{INCLUDE}: {location} includes files itself, which is not supported.", place)
    return included.body


def _includes(value: Any) -> bool:
    """Tell whether a macro stands anywhere in a value."""
    if isinstance(value, dict):
        return _FUNCTION in value or any(_includes(one) for one in value.values())
    return isinstance(value, list) and any(_includes(one) for one in value)
