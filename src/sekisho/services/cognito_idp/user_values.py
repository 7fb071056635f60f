"""Users as operations take and answer them: attributes, aliases, and what ``User`` looks like on the wire."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sekisho.model.cognito import AppClient, SchemaAttribute, User, UserAlias, UserPool
from sekisho.model.sign_ins import ConfirmationCode, LoginSession, RefreshGrant
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import fold
from sekisho.services.cognito_idp.schema import check_value
from sekisho.services.ledger import members
from sekisho.store.api import Reader, Writer

LEDGER = {"AttributeType": members(enforced="Name Value")}

VERIFIED = {"email": "email_verified", "phone_number": "phone_number_verified"}
"""The attribute that says whether another was verified."""


def encode_user(user: User, names: Collection[str] | None = None) -> dict[str, Any]:
    """Return a user as the List operations answer it, with all attributes or the named ones."""
    return {
        "Username": user.username,
        "Attributes": encode_attributes(user, names),
        "UserCreateDate": user.created,
        "UserLastModifiedDate": user.modified,
        "Enabled": user.enabled,
        "UserStatus": user.status,
    }


def encode_attributes(user: User, names: Collection[str] | None = None) -> list[dict[str, str]]:
    """Return the attributes of a user, ``sub`` first."""
    everything = {"sub": user.sub, **user.attributes}
    return [
        {"Name": name, "Value": value} for name, value in everything.items() if names is None or name in names
    ]


def decode_attributes(raw: Sequence[Mapping[str, Any]] | None) -> dict[str, str]:
    """Return attributes by name; one without a value is to be cleared."""
    return {each["Name"]: each.get("Value") or "" for each in raw or ()}


def check_attributes(pool: UserPool, attributes: Mapping[str, str]) -> None:
    """Check attributes against the pool's schema.

    Raises:
        ServiceError: InvalidParameterException naming the first that does not conform.
    """
    schema = _schema(pool)
    for name, value in attributes.items():
        if name not in schema or name == "sub":
            raise errors.invalid_parameter(
                f"Attributes did not conform to the schema: {name}: Attribute does not exist in the schema."
            )
        check_value(schema[name], value)


def check_required(pool: UserPool, attributes: Mapping[str, str]) -> None:
    """Check that a new user has every attribute that the pool requires.

    Raises:
        ServiceError: InvalidParameterException naming those that are missing.
    """
    missing = missing_attributes(pool, attributes)
    if missing:
        listed = "\n".join(f"{name}: The attribute {name} is required" for name in missing)
        raise errors.invalid_parameter(f"Attributes did not conform to the schema: {listed}\n".rstrip())


def missing_attributes(pool: UserPool, attributes: Mapping[str, str]) -> list[str]:
    """Return the required attributes that are not there."""
    return [
        one.name for one in pool.schema if one.required and one.name != "sub" and not attributes.get(one.name)
    ]


def check_mutable(pool: UserPool, user: User, changes: Mapping[str, str]) -> None:
    """Check that a change leaves alone what cannot change once it has a value.

    Raises:
        ServiceError: InvalidParameterException.
    """
    schema = _schema(pool)
    for name, value in changes.items():
        if not schema[name].mutable and user.attributes.get(name) not in (None, value):
            raise errors.invalid_parameter(f"user.{name}: Attribute cannot be updated.\n".rstrip())


def check_writable(client: AppClient, attributes: Mapping[str, str], standard: Collection[str]) -> None:
    """Check that an app client may write attributes; without a list of its own it may write the standard ones.

    Raises:
        ServiceError: NotAuthorizedException.
    """
    allowed = set(client.write_attributes or standard) - {*VERIFIED.values(), "sub"}
    if not allowed.issuperset(attributes):
        raise errors.not_authorized("A client attempted to write unauthorized attribute")


def with_attributes(user: User, changes: Mapping[str, str]) -> User:
    """Return the user with attributes changed; an empty value clears one."""
    merged = {**user.attributes, **changes}
    return replace(user, attributes={name: value for name, value in merged.items() if value != ""})


def put_user(state: Writer, pool: UserPool, user: User, *, take_aliases: bool = False) -> None:
    """Store a user and the names that the user can be found by.

    With ``take_aliases`` a name that another user has moves over, and is unverified there.

    Raises:
        ServiceError: AliasExistsException.
    """
    wanted = {alias.key: alias for alias in _aliases(pool, user)}
    for old in state.list(UserAlias, user.key):
        if old.key not in wanted:
            state.delete(UserAlias, old.key)
    for alias in wanted.values():
        existing = state.find(UserAlias, alias.key)
        if existing is None:
            state.put(alias)
        elif existing.folded != user.folded:
            if not take_aliases or alias.attribute not in pool.alias_attributes:
                raise errors.alias_exists(alias.attribute)
            _lose_alias(state, existing)
            state.put(alias)
    state.put(user)


def find_taken_alias(state: Reader, pool: UserPool, user: User) -> str | None:
    """Return the first attribute whose value another user has as an alias, or None."""
    for alias in _aliases(pool, user):
        existing = state.find(UserAlias, alias.key)
        if existing is not None and existing.folded != user.folded:
            return alias.attribute
    return None


def delete_user(state: Writer, user: User) -> None:
    """Delete a user with all that the user left behind."""
    kinds = (UserAlias, RefreshGrant, ConfirmationCode, LoginSession)
    for kind in kinds:
        for item in state.list(kind, user.key):
            state.delete(kind, item.key)
    state.delete(User, user.key)


def _aliases(pool: UserPool, user: User) -> list[UserAlias]:
    usable = [
        name
        for name in pool.alias_attributes  # COGNITO-21
        if name not in VERIFIED or user.attributes.get(VERIFIED[name]) == "true"
    ]
    names = {name: fold(pool, user.attributes[name]) for name in user.attributes}
    return [
        UserAlias(pool.id, "sub", user.sub, user.folded),
        *(
            UserAlias(pool.id, name, names[name], user.folded)
            for name in (*pool.username_attributes, *usable)
            if name in names
        ),
    ]


def _lose_alias(state: Writer, alias: UserAlias) -> None:
    loser = state.find(User, f"{alias.pool_id} {alias.folded}")
    if loser is not None and alias.attribute in VERIFIED:
        state.put(with_attributes(loser, {VERIFIED[alias.attribute]: "false"}))
    state.delete(UserAlias, alias.key)


def _schema(pool: UserPool) -> dict[str, SchemaAttribute]:
    return {attribute.name: attribute for attribute in pool.schema}
