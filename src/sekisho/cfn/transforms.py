"""Applies a template's transforms before it is checked.

``AWS::LanguageExtensions`` runs here; others are given by whoever builds the engine.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-reference.html
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sekisho.cfn.document import Document
from sekisho.cfn.for_each import expand_loops
from sekisho.cfn.include import include_files

Transform = Callable[[Document, Mapping[str, str], str], Document]
"""Takes the template, the given parameters and the folder of the files that the template names (empty where it may
name none); returns the template to go on with; raises TemplateError.
"""

LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
SERVERLESS = "AWS::Serverless-2016-10-31"


def apply_transforms(
    document: Document, given: Mapping[str, str], transforms: Mapping[str, Transform], folder: str = ""
) -> Document:
    """Return the template with the transforms that it names applied in order.

    Raises:
        TemplateError: a transform is not known, or fails.
    """
    document = include_files(document, folder)
    for name in _names(document.body.get("Transform", [])):
        if name == LANGUAGE_EXTENSIONS:
            document = expand_loops(document, given)
        elif name in transforms:
            document = transforms[name](document, given, folder)
        else:
            raise document.error(f"No transform named {name} found.", ("Transform",))
    return document


def _names(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        yield str(one.get("Name", "")) if isinstance(one, dict) else str(one)
