"""Write src/sekisho/cfn/declared_types.json: identifier, attributes and create-only properties of each type.

The facts come from the resource schemas that AWS publishes, as the PyPI package cfn-lint ships them. Run it
where cfn-lint is installed; nothing at run time needs it:

    pip install cfn-lint && python scripts/generate_declared_types.py
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, ResourceNotFoundError, Schema

TARGET = Path(__file__).parents[1] / "src/sekisho/cfn/declared_types.json"
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "eu-central-1", "ap-southeast-2")
KINDS = {"array": "list", "object": "map", "integer": "integer", "number": "number", "boolean": "boolean"}


def main() -> int:
    """Write the table and say how many types it holds."""
    table = {}
    for region in REGIONS:
        for name in PROVIDER_SCHEMA_MANAGER.get_resource_types(region):
            if name in table or name.startswith(("AWS::Serverless::", "Custom::", "Module")):
                continue
            try:
                schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, name)
            except ResourceNotFoundError:
                continue
            table[name] = describe_type(schema)
    lines = [f"{json.dumps(name)}: {json.dumps(table[name])}" for name in sorted(table)]
    head = f'"": {json.dumps(["cfn-lint " + version("cfn-lint"), "", ""])}'
    TARGET.write_text("{\n" + ",\n".join([head, *lines]) + "\n}\n")
    sys.stdout.write(f"{len(table)} types, {TARGET.stat().st_size} bytes\n")
    return 0


def describe_type(schema: Schema) -> list[str]:
    """Return identifier, attributes and create-only properties, each as names separated by spaces.

    An attribute that is no string is written ``name:kind``.
    """
    identifier = [name_of(pointer) for pointer in schema.schema.get("primaryIdentifier", [])]
    attributes = []
    for pattern, pointer in sorted(schema.get_atts.data.items()):
        name = pattern.replace("\\", "")
        if "*" in name and not name.startswith("Outputs"):
            continue
        kind = kind_of(schema, pointer)
        attributes.append(name if kind == "string" else f"{name}:{kind}")
    pointers = schema.schema.get("createOnlyProperties", [])
    create_only = {name_of(pointer).split(".")[0] for pointer in pointers}
    return [" ".join(identifier), " ".join(attributes), " ".join(sorted(create_only))]


def name_of(pointer: str) -> str:
    """Return ``/properties/A/B`` as ``A.B``."""
    return ".".join(step for step in pointer.split("/")[2:] if step != "properties")


def kind_of(schema: Schema, pointer: str) -> str:
    """Return the kind of value at the pointer; what the schema does not say is a string."""
    found: Any = schema.schema
    for step in pointer.strip("/").split("/"):
        found = resolve(schema, found)
        found = found.get(step) or found.get("properties", {}).get(step) or {}
    kind = resolve(schema, found).get("type", "string")
    kinds = [kind] if isinstance(kind, str) else kind
    return "string" if "string" in kinds else KINDS.get(kinds[0], "string")


def resolve(schema: Schema, found: dict[str, Any]) -> dict[str, Any]:
    """Return what a ``$ref`` points to, or the schema itself."""
    if "$ref" in found:
        _, found = schema.resolver.resolve(found["$ref"])
    return found


if __name__ == "__main__":
    sys.exit(main())
