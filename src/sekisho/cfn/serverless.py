"""The transform ``AWS::Serverless-2016-10-31``, by AWS's own translator.

https://pypi.org/project/aws-sam-translator/
"""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sekisho.cfn.document import Document, Mark
from sekisho.cfn.document import Path as Place
from sekisho.cfn.errors import TemplateError
from sekisho.cfn.serverless_sources import check_can_run, find_origin, place_files
from sekisho.cfn.transforms import SERVERLESS

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
        TemplateError: the template is not valid.
    """
    # Half a second, for the few templates that name the transform.
    from boto3.session import Session
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    check_can_run(document)
    template = copy.deepcopy(dict(document.body))
    if folder:
        place_files(document, template, Path(folder))
    parameters = {**given, "AWS::Region": _REGION, "AWS::Partition": "aws"}
    translator = Translator({}, Parser(), boto_session=Session(region_name=_REGION))
    try:
        translated = translator.translate(template, parameters)
    except InvalidDocumentException as error:
        raise _failure(document, error) from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # The translator takes the shape of some members for granted.
        raise document.error(
            f"Transform {SERVERLESS} failed with: a member of the template is built wrongly ({error}).",
            ("Transform",),
        ) from None
    finally:
        # To a publisher that keeps nothing; what is never published is complained about.
        translator.metrics.publish()
    body: Mapping[str, Any] = _with_region(translated)
    return Document(body, _marks(document, body), document.source, document.text)


def _marks(document: Document, translated: Mapping[str, Any]) -> dict[Place, Mark]:
    """Return the marks of a template, and for what the translator has added those of where it comes from."""
    marks = dict(document.marks)
    for name in translated.get("Resources", {}):
        origin = None if ("Resources", name) in marks else find_origin(document.body, name)
        if origin is not None:
            marks["Resources", name] = document.mark(("Resources", origin))
    return marks


def _failure(document: Document, error: Any) -> TemplateError:
    """Return the refusal in CloudFormation's words, at the first resource that is not valid."""
    names = (getattr(cause, "_logical_id", None) for cause in error.causes)
    place: Place = next((("Resources", name) for name in names if isinstance(name, str)), ("Transform",))
    causes = " ".join(cause.message for cause in error.causes)
    return document.error(f"Transform {SERVERLESS} failed with: {error.message} {causes}", place)


def _with_region(value: Any, *, in_sub: bool = False) -> Any:
    """Return a value in which the region is named where the translator has written it.

    Text is plain text afterwards: some of the translator's is of a type of its own.
    """
    if isinstance(value, dict):
        return {str(key): _with_region(inner, in_sub=key == "Fn::Sub") for key, inner in value.items()}
    if isinstance(value, list):
        head = [_with_region(one, in_sub=in_sub) for one in value[:1]]
        return [*head, *(_with_region(one) for one in value[1:])]
    if not isinstance(value, str):
        return value
    value = str(value)
    if _REGION not in value:
        return value
    if value == _REGION and not in_sub:
        return dict(_REGION_REF)
    text = value.replace(_REGION, "${AWS::Region}")
    return text if in_sub else {"Fn::Sub": text}
