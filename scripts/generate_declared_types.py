"""Write the tables of src/sekisho/cfn: declared_types.json and property_shapes.json.

The first holds identifier, attributes and create-only properties of each type, the second how the properties of the
types are built that run here or may come to.

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

FOLDER = Path(__file__).parents[1] / "src/sekisho/cfn"
SHAPED = ("AWS::ApiGatewayV2::", "AWS::Cognito::", "AWS::ElasticLoadBalancingV2::", "AWS::Lambda::")
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "eu-central-1", "ap-southeast-2")
KINDS = {"array": "list", "object": "map", "integer": "integer", "number": "number", "boolean": "boolean"}


def main() -> int:
    """Write the tables and say how many types they hold."""
    table: dict[str, Any] = {}
    shapes: dict[str, Any] = {}
    for region in REGIONS:
        for name in PROVIDER_SCHEMA_MANAGER.get_resource_types(region):
            if name in table or name.startswith(("AWS::Serverless::", "Custom::", "Module")):
                continue
            try:
                schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, name)
            except ResourceNotFoundError:
                continue
            table[name] = describe_type(schema)
            if name.startswith(SHAPED):
                shapes[name] = describe_shape(schema, schema.schema, ())
    source = "cfn-lint " + version("cfn-lint")
    write_table(FOLDER / "declared_types.json", {"": [source, "", ""], **table})
    write_table(FOLDER / "property_shapes.json", {"": source, **shapes})
    return 0


def write_table(path: Path, table: dict[str, Any]) -> None:
    """Write one line for each entry, in order, so that a new version reads well as a diff."""
    lines = [
        f"{json.dumps(name)}: {json.dumps(table[name], separators=(',', ':'))}" for name in sorted(table)
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    sys.stdout.write(f"{path.name}: {len(table) - 1} types, {path.stat().st_size} bytes\n")


def describe_shape(schema: Schema, found: dict[str, Any], seen: tuple[str, ...]) -> Any:
    """Return how a value is built.

    ``"s"`` is a scalar, ``[shape]`` a list, ``{name: shape}`` an object whose required members stand under ``"!"``,
    ``"*"`` anything: maps with free keys, and what the schema leaves open.
    """
    reference = found.get("$ref")
    if reference is not None and reference in seen:
        return "*"
    found = resolve(schema, found)
    kinds = found.get("type", "object" if "properties" in found else None)
    if kinds == "array":
        return [describe_shape(schema, found.get("items", {}), (*seen, reference or ""))]
    if kinds in ("string", "integer", "number", "boolean"):
        return "s"
    if kinds != "object" or "properties" not in found:
        return "*"
    members = {
        name: describe_shape(schema, inner, (*seen, reference or ""))
        for name, inner in found["properties"].items()
    }
    read_only = (
        {name_of(pointer) for pointer in schema.schema.get("readOnlyProperties", [])} if not seen else set()
    )
    members = {name: shape for name, shape in sorted(members.items()) if name not in read_only}
    required = [name for name in found.get("required", []) if name in members]
    return {"!": " ".join(sorted(required)), **members} if required else members


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
