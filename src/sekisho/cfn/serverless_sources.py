"""What serverless resources say before they are translated: what lies beside the template, and what is not run here."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from sekisho.cfn.document import Document
from sekisho.cfn.document import Path as Place

LOCAL_CODE = "sekisho-local-code"
"""The bucket that stands for code beside a template; an object's key is the path of a folder or an archive."""

TYPES = "AWS::Serverless::"
"""What the names of serverless types begin with."""

_OBJECT = "s3://"


def place_files(document: Document, template: Mapping[str, Any], folder: Path) -> None:
    """Let what lies beside the template stand in it as the translator takes it.

    Code becomes an object of :data:`LOCAL_CODE`, a definition of an HTTP API is written into the template.

    Raises:
        TemplateError: a definition cannot be read.
    """
    for properties in _properties(template, "Function"):
        path = _find(folder, properties.get("CodeUri"))
        if path is not None:
            properties["CodeUri"] = {"Bucket": LOCAL_CODE, "Key": str(path)}
    for name, resource in _resources(template, "HttpApi"):
        properties = resource.get("Properties")
        path = _find(folder, properties.get("DefinitionUri")) if isinstance(properties, dict) else None
        if path is not None:
            del properties["DefinitionUri"]
            properties["DefinitionBody"] = _read_definition(document, name, path)


def check_can_run(document: Document) -> None:
    """Check that the template has none of the serverless resources that are not run here.

    Raises:
        TemplateError: it has a REST API, or a definition of an HTTP API that is an object of S3.
    """
    for name, _ in _resources(document.body, "Api"):
        raise document.error(
            f"Sekisho runs HTTP APIs and no REST APIs: make {name} an {TYPES}HttpApi.",
            ("Resources", name, "Type"),
        )
    for name, resource in _resources(document.body, "Function"):
        for event, body in _mapping(_mapping(resource.get("Properties")).get("Events")).items():
            if _mapping(body).get("Type") == "Api":
                raise document.error(
                    f"Sekisho runs HTTP APIs and no REST APIs: make the event {event} of {name} an HttpApi event.",
                    ("Resources", name, "Properties", "Events", event, "Type"),
                )
    for name, resource in _resources(document.body, "HttpApi"):
        given = _mapping(resource.get("Properties")).get("DefinitionUri")
        if isinstance(given, dict) or (isinstance(given, str) and given.startswith(_OBJECT)):
            raise document.error(
                "Sekisho reads no definitions from S3: give DefinitionBody, or a path beside the template.",
                ("Resources", name, "Properties", "DefinitionUri"),
            )


def find_origin(template: Mapping[str, Any], logical_id: str) -> str | None:
    """Return the serverless resource that a translated resource comes from, or None where nothing tells.

    What a resource becomes is called by its logical id and more; a domain name is called by a hash.
    """
    given = _mapping(template.get("Resources"))
    serverless = (name for name, one in given.items() if str(_mapping(one).get("Type")).startswith(TYPES))
    named = [name for name in serverless if logical_id.startswith(name)]
    if named:
        return max(named, key=len)
    apis = ((name, _mapping(one.get("Properties"))) for name, one in _resources(template, "HttpApi"))
    return next((name for name, properties in apis if "Domain" in properties), None)


def _resources(template: Mapping[str, Any], kind: str) -> Iterator[tuple[str, Any]]:
    """Yield name and body of the serverless resources of a kind."""
    for name, resource in _mapping(template.get("Resources")).items():
        if _mapping(resource).get("Type") == f"{TYPES}{kind}":
            yield name, resource


def _properties(template: Mapping[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    """Yield the properties of the resources of a kind, those that the template has for all of them too."""
    for _, resource in _resources(template, kind):
        if isinstance(resource.get("Properties"), dict):
            yield resource["Properties"]
    shared = _mapping(template.get("Globals")).get(kind)
    if isinstance(shared, dict):
        yield shared


def _find(folder: Path, given: Any) -> Path | None:
    """Return the file or folder that a property names beside the template, or None."""
    if not isinstance(given, str) or given.startswith(_OBJECT):
        return None
    path = (folder / given).absolute()
    return path if path.exists() else None


def _read_definition(document: Document, name: str, path: Path) -> Any:
    place: Place = ("Resources", name, "Properties", "DefinitionUri")
    try:
        text = path.read_text(encoding="utf-8")
        found = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise document.error(f"The definition {path.name} cannot be read: {error}", place) from None
    if not isinstance(found, dict):
        raise document.error(f"The definition {path.name} is no object.", place)
    return found


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
