"""The attributes that the users of a pool may have, and what may be put into them.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cognito import STANDARD_ATTRIBUTES, SchemaAttribute
from sekisho.services.cognito_idp import errors
from sekisho.services.ledger import members

LEDGER = {
    "SchemaAttributeType": members(
        enforced="Name AttributeDataType DeveloperOnlyAttribute Mutable Required NumberAttributeConstraints"
        " StringAttributeConstraints"
    ),
    "NumberAttributeConstraintsType": members(enforced="MinValue MaxValue"),
    "StringAttributeConstraintsType": members(enforced="MinLength MaxLength"),
}

CUSTOM_LIMIT = 50
"""Source: https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html"""

_LONGEST_VALUE = 2048
_SUB = SchemaAttribute("sub", mutable=False, required=True, minimum=1, maximum=2048)
_BOOLEANS = ("email_verified", "phone_number_verified")


def default_schema() -> tuple[SchemaAttribute, ...]:
    """Return the standard attributes of a pool that declares none."""
    return (_SUB, *(_standard(name) for name in STANDARD_ATTRIBUTES))


def _standard(name: str) -> SchemaAttribute:
    if name in _BOOLEANS:
        return SchemaAttribute(name, "Boolean")
    if name == "updated_at":
        return SchemaAttribute(name, "Number", minimum=0)
    if name == "birthdate":
        return SchemaAttribute(name, minimum=10, maximum=10)
    return SchemaAttribute(name, minimum=0, maximum=_LONGEST_VALUE)


def decode_schema(raw: Sequence[Mapping[str, Any]]) -> tuple[SchemaAttribute, ...]:
    """Return the schema of a new pool: the standard attributes as changed, then the custom ones.

    Raises:
        ServiceError: InvalidParameterException for an attribute that cannot be.
    """
    schema = {attribute.name: attribute for attribute in default_schema()}
    for given in raw:
        name = given.get("Name") or ""
        if name in schema and name != "sub":
            schema[name] = _decode_standard(schema[name], given)
        elif name == "sub":
            continue  # AWS's own answer to DescribeUserPool may be given back
        else:
            custom = decode_custom(given)
            if custom.name in schema:
                raise errors.invalid_parameter(f"{custom.name}: Existing attribute already has name {name}.")
            schema[custom.name] = custom
    return check_custom_count(schema.values())


def check_custom_count(schema: Iterable[SchemaAttribute]) -> tuple[SchemaAttribute, ...]:
    """Return the schema, which must not have too many custom attributes.

    Raises:
        ServiceError: InvalidParameterException.
    """
    attributes = tuple(schema)
    if sum("custom:" in attribute.name for attribute in attributes) > CUSTOM_LIMIT:
        raise errors.invalid_parameter(f"A user pool has at most {CUSTOM_LIMIT} custom attributes.")
    return attributes


def decode_custom(given: Mapping[str, Any]) -> SchemaAttribute:
    """Return a custom attribute, its name with the prefix.

    Raises:
        ServiceError: InvalidParameterException.
    """
    name = given.get("Name")
    if not name:
        raise errors.invalid_parameter("Invalid AttributeDataType: an attribute has no name.")
    bare = name.removeprefix("dev:").removeprefix("custom:")
    if given.get("Required"):
        raise errors.invalid_parameter("Required custom attributes are not supported currently.")
    developer_only = bool(given.get("DeveloperOnlyAttribute"))
    prefix = "dev:custom:" if developer_only else "custom:"
    data_type = given.get("AttributeDataType")
    if data_type is None:
        raise errors.invalid_parameter(
            f"Invalid AttributeDataType input for {bare}, consider using the provided AttributeDataType enum."
        )
    minimum, maximum = _bounds(data_type, given)
    return SchemaAttribute(
        prefix + bare, data_type, bool(given.get("Mutable", True)), False, developer_only, minimum, maximum
    )


def _decode_standard(attribute: SchemaAttribute, given: Mapping[str, Any]) -> SchemaAttribute:
    data_type = given.get("AttributeDataType") or attribute.data_type
    if data_type != attribute.data_type:
        raise errors.invalid_parameter(
            f"You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute "
            f"{attribute.name}"
        )
    minimum, maximum = _bounds(data_type, given)
    return replace(
        attribute,
        mutable=bool(given.get("Mutable", attribute.mutable)),
        required=bool(given.get("Required")),
        minimum=attribute.minimum if minimum is None else minimum,
        maximum=attribute.maximum if maximum is None else maximum,
    )


def _bounds(data_type: str, given: Mapping[str, Any]) -> tuple[int | None, int | None]:
    if data_type == "String":
        constraints = given.get("StringAttributeConstraints") or {}
        return _whole(constraints.get("MinLength")), _whole(constraints.get("MaxLength"))
    if data_type == "Number":
        constraints = given.get("NumberAttributeConstraints") or {}
        return _whole(constraints.get("MinValue")), _whole(constraints.get("MaxValue"))
    return None, None


def _whole(text: str | None) -> int | None:
    if text is None or text == "":
        return None
    try:
        return int(text)
    except ValueError:
        raise errors.invalid_parameter(f"'{text[:40]}' is not a whole number.") from None


def encode_schema(schema: Sequence[SchemaAttribute]) -> list[dict[str, Any]]:
    """Return the schema as DescribeUserPool answers it."""
    return [_encode(attribute) for attribute in schema]


def _encode(attribute: SchemaAttribute) -> dict[str, Any]:
    encoded: dict[str, Any] = {
        "Name": attribute.name,
        "AttributeDataType": attribute.data_type,
        "DeveloperOnlyAttribute": attribute.developer_only,
        "Mutable": attribute.mutable,
        "Required": attribute.required,
    }
    bounds = (("Min", attribute.minimum), ("Max", attribute.maximum))
    word = {"String": "Length", "Number": "Value"}.get(attribute.data_type)
    if word is not None:
        member = "StringAttributeConstraints" if word == "Length" else "NumberAttributeConstraints"
        encoded[member] = {f"{end}{word}": str(bound) for end, bound in bounds if bound is not None}
    return encoded


def check_value(attribute: SchemaAttribute, value: str) -> None:
    """Check a value of an attribute; the empty value, which clears the attribute, is always allowed.

    Raises:
        ServiceError: InvalidParameterException.
    """
    if value == "":
        return
    if len(value) > _LONGEST_VALUE:
        raise errors.invalid_parameter(
            f"Attributes did not conform to the schema: {attribute.name}: too long"
        )
    match attribute.data_type:
        case "Boolean" if value not in ("true", "false"):
            raise _nonconforming(attribute, "Attribute value must be true or false")
        case "Number":
            size = _number(attribute, value)
            if not _is_within(attribute, size):
                raise _nonconforming(attribute, "Attribute value is out of range")
        case "String" if not _is_within(attribute, len(value)):
            raise _nonconforming(attribute, "String must be within the length that the schema says")
    _check_format(attribute.name, value)


def _check_format(name: str, value: str) -> None:
    if name == "email" and not is_email(value):
        raise errors.invalid_parameter("Invalid email address format.")
    if name == "phone_number" and not is_phone_number(value):
        raise errors.invalid_parameter("Invalid phone number format.")


def is_email(value: str) -> bool:
    """Tell whether a value has the form of an address."""
    local, at, host = value.rpartition("@")
    return bool(local and at and host) and not any(character.isspace() for character in value)


def is_phone_number(value: str) -> bool:
    """Tell whether a value is a number in E.164 form: a plus sign and digits."""
    return value.startswith("+") and value[1:].isascii() and value[1:].isdigit() and len(value) <= 16


def _number(attribute: SchemaAttribute, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise _nonconforming(attribute, "Attribute value must be a number") from None


def _is_within(attribute: SchemaAttribute, size: float) -> bool:
    above = attribute.minimum is None or size >= attribute.minimum
    return above and (attribute.maximum is None or size <= attribute.maximum)


def _nonconforming(attribute: SchemaAttribute, reason: str) -> ServiceError:
    return errors.invalid_parameter(
        f"Attributes did not conform to the schema: {attribute.name}: {reason}\n".rstrip()
    )
