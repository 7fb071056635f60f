from typing import Any

import pytest

SETTINGS = {"components": {"pageHeader": {"enabled": True}}, "numbers": [1, 2.5, None]}
LOGO = {"Category": "FORM_LOGO", "ColorMode": "LIGHT", "Extension": "SVG", "Bytes": b"<svg/>"}


@pytest.fixture
def pool_id(account: Any) -> str:
    return str(account.pool())


@pytest.fixture
def client(account: Any, pool_id: str) -> dict[str, str]:
    return {"UserPoolId": pool_id, "ClientId": account.client(pool_id)["ClientId"]}


def test_a_branding_lives_and_dies(account: Any, pool_id: str, client: dict[str, str]) -> None:
    made = account.call("CreateManagedLoginBranding", **client, Settings=SETTINGS, Assets=[LOGO])
    branding = made["ManagedLoginBranding"]
    assert (branding["Settings"], branding["Assets"]) == (SETTINGS, [LOGO])
    assert branding["UseCognitoProvidedValues"] is False
    key = {"UserPoolId": pool_id, "ManagedLoginBrandingId": branding["ManagedLoginBrandingId"]}
    assert account.call("DescribeManagedLoginBranding", **key) == made
    assert account.call("DescribeManagedLoginBrandingByClient", **client) == made
    exists = account.unchanged("CreateManagedLoginBranding", **client, UseCognitoProvidedValues=True)
    assert exists.startswith("ManagedLoginBrandingExistsException: ")
    account.call("UpdateManagedLoginBranding", **key, UseCognitoProvidedValues=True)
    changed = account.call("DescribeManagedLoginBranding", **key)["ManagedLoginBranding"]
    assert (changed["UseCognitoProvidedValues"], changed["Assets"]) == (True, [])
    account.call("DeleteManagedLoginBranding", **key)
    missing = account.unchanged("DescribeManagedLoginBranding", **key)
    assert missing.startswith("ResourceNotFoundException: Managed login branding ")
    assert "No managed login branding" in account.unchanged("DescribeManagedLoginBrandingByClient", **client)


def test_a_branding_goes_with_its_client(account: Any, pool_id: str, client: dict[str, str]) -> None:
    made = account.call("CreateManagedLoginBranding", **client, UseCognitoProvidedValues=True)
    branding_id = made["ManagedLoginBranding"]["ManagedLoginBrandingId"]
    account.call("DeleteUserPoolClient", **client)
    key = {"UserPoolId": pool_id, "ManagedLoginBrandingId": branding_id}
    assert "does not exist" in account.unchanged("DescribeManagedLoginBranding", **key)


def test_a_branding_that_cannot_be(account: Any, client: dict[str, str]) -> None:
    both = {**client, "UseCognitoProvidedValues": True, "Settings": SETTINGS}
    assert "cannot be combined" in account.unchanged("CreateManagedLoginBranding", **both)
    refusal = account.unchanged("UpdateManagedLoginBranding", UseCognitoProvidedValues=True)
    assert refusal == "InvalidParameterException: Missing required parameter UserPoolId"


def test_a_clients_style_comes_before_that_of_all(account: Any, pool_id: str, client: dict[str, str]) -> None:
    empty = account.call("GetUICustomization", **client)["UICustomization"]
    assert empty == client
    everyone = account.call("SetUICustomization", UserPoolId=pool_id, CSS=".a{}")["UICustomization"]
    assert (everyone["ClientId"], everyone["CSS"]) == ("ALL", ".a{}")
    account.clock.advance(seconds=1)
    assert account.call("GetUICustomization", **client)["UICustomization"]["CSS"] == ".a{}"
    own = account.call("SetUICustomization", **client, CSS=".b{}")["UICustomization"]
    assert account.call("GetUICustomization", **client)["UICustomization"] == own
    assert own["CSS"] == ".b{}"
    account.clock.advance(seconds=1)
    later = account.call("SetUICustomization", **client, CSS=".c{}")["UICustomization"]
    assert later["CreationDate"] == own["CreationDate"] < later["LastModifiedDate"]
    assert account.call("GetUICustomization", UserPoolId=pool_id)["UICustomization"]["CSS"] == ".a{}"
    picture = account.unchanged("SetUICustomization", UserPoolId=pool_id, ImageFile=b"png")
    assert "'imageFile'" in picture
