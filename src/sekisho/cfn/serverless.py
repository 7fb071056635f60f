"""The transform ``AWS::Serverless-2016-10-31``, by AWS's own translator.

The translator is the optional extra ``sam``: https://pypi.org/project/aws-sam-translator/
"""

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sekisho.cfn.document import Document
from sekisho.cfn.document import Path as Place
from sekisho.cfn.errors import TemplateError
from sekisho.cfn.transforms import SERVERLESS

LOCAL_CODE = "sekisho-local-code"
"""The bucket that stands for code beside a template; an object's key is the path of a folder or an archive."""

_TYPES = "AWS::Serverless::"

# The translator writes the region into properties where they name it. No region is called this, so that what it
# wrote can be found and be named again: the same template may be deployed to several regions.
_REGION = "us-sekisho-0"
_REGION_REF = {"Ref": "AWS::Region"}


def translate_serverless(document: Document, given: Mapping[str, str], folder: str) -> Document:
    """Return the template with its serverless resources turned into those that they stand for.

    Args:
        document: the template.
        given: the values of its parameters.
        folder: where the files are that it names; empty where it may name none.

    Raises:
        TemplateError: the template is not valid, or the translator is not installed.
    """
    try:
        from boto3.session import Session
        from samtranslator.model.exceptions import InvalidDocumentException
        from samtranslator.parser.parser import Parser
        from samtranslator.translator.translator import Translator
    except ImportError:
        _check_needs_nothing(document)
        return document
    template = copy.deepcopy(dict(document.body))
    if folder:
        _place_code(template, Path(folder))
    parameters = {**given, "AWS::Region": _REGION, "AWS::Partition": "aws"}
    translator = Translator({}, Parser(), boto_session=Session(region_name=_REGION))
    try:
        translated = translator.translate(template, parameters)
    except InvalidDocumentException as error:
        raise _failure(document, error) from None
    finally:
        # To a publisher that keeps nothing; what is never published is complained about.
        translator.metrics.publish()
    return Document(_with_region(translated), document.marks, document.source, document.text)


def _check_needs_nothing(document: Document) -> None:
    """Let templates pass that name the transform but use nothing of it."""
    types = {
        name: body.get("Type")
        for name, body in document.section("Resources").items()
        if isinstance(body, dict)
    }
    places: list[Place] = [("Globals",)] if "Globals" in document.body else []
    places += [
        ("Resources", name, "Type") for name, type_name in types.items() if str(type_name).startswith(_TYPES)
    ]
    if places:
        raise document.error(
            f"The transform {SERVERLESS} needs AWS's translator: pip install 'sekisho[sam]'", places[0]
        )


def _failure(document: Document, error: Any) -> TemplateError:
    """Return the refusal in CloudFormation's words, at the first resource that is not valid."""
    names = (getattr(cause, "_logical_id", None) for cause in error.causes)
    place: Place = next((("Resources", name) for name in names if isinstance(name, str)), ("Transform",))
    causes = " ".join(cause.message for cause in error.causes)
    return document.error(f"Transform {SERVERLESS} failed with: {error.message} {causes}", place)


def _place_code(template: Mapping[str, Any], folder: Path) -> None:
    """Let what lies beside the template stand as objects: the translator takes nothing else for code."""
    for properties in _functions(template):
        uri = properties.get("CodeUri")
        if isinstance(uri, str) and not uri.startswith("s3://"):
            path = (folder / uri).absolute()
            if path.exists():
                properties["CodeUri"] = {"Bucket": LOCAL_CODE, "Key": str(path)}


def _functions(template: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the properties of serverless functions, those that the template has for all of them too."""
    for resource in (template.get("Resources") or {}).values():
        if isinstance(resource, dict) and resource.get("Type") == f"{_TYPES}Function":
            properties = resource.get("Properties")
            if isinstance(properties, dict):
                yield properties
    shared = (template.get("Globals") or {}).get("Function")
    if isinstance(shared, dict):
        yield shared


def _with_region(value: Any, *, in_sub: bool = False) -> Any:
    """Return a value in which the region is named where the translator has written it."""
    if isinstance(value, dict):
        return {key: _with_region(inner, in_sub=key == "Fn::Sub") for key, inner in value.items()}
    if isinstance(value, list):
        head = [_with_region(one, in_sub=in_sub) for one in value[:1]]
        return [*head, *(_with_region(one) for one in value[1:])]
    if not isinstance(value, str) or _REGION not in value:
        return value
    if value == _REGION and not in_sub:
        return dict(_REGION_REF)
    text = value.replace(_REGION, "${AWS::Region}")
    return text if in_sub else {"Fn::Sub": text}
