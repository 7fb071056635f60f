from typing import Any

import pytest

HOOK = "arn:aws:lambda:eu-west-1:000000000000:function:hook"


def test_a_pool_has_the_defaults_that_aws_documents(account: Any) -> None:
    pool = account.call("CreateUserPool", PoolName="my pool")["UserPool"]
    region, _, rest = pool["Id"].partition("_")
    assert region == "eu-west-1"
    assert len(rest) == 9
    assert rest.isalnum()
    assert pool["Arn"] == f"arn:aws:cognito-idp:eu-west-1:000000000000:userpool/{pool['Id']}"
    assert pool["Policies"]["PasswordPolicy"] == {
        "MinimumLength": 8,
        "RequireUppercase": True,
        "RequireLowercase": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
        "TemporaryPasswordValidityDays": 7,
    }
    assert pool["MfaConfiguration"] == "OFF"
    assert pool["DeletionProtection"] == "INACTIVE"
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False
    assert account.call("DescribeUserPool", UserPoolId=pool["Id"])["UserPool"] == pool


def test_standard_attributes_are_in_every_schema(account: Any) -> None:
    pool = account.call("CreateUserPool", PoolName="p", Schema=[{"Name": "email", "Required": True}])
    schema = {each["Name"]: each for each in pool["UserPool"]["SchemaAttributes"]}
    assert {"sub", "email", "phone_number_verified", "updated_at", "zoneinfo"} <= schema.keys()
    assert schema["email"]["Required"] is True
    assert schema["sub"]["Mutable"] is False
    assert schema["updated_at"]["AttributeDataType"] == "Number"


def test_custom_attributes_get_their_prefix_and_stay(account: Any) -> None:
    tenant = {
        "Name": "tenant",
        "AttributeDataType": "String",
        "StringAttributeConstraints": {"MaxLength": "5"},
    }
    pool_id = account.pool(Schema=[tenant])
    account.call(
        "AddCustomAttributes",
        UserPoolId=pool_id,
        CustomAttributes=[{"Name": "level", "AttributeDataType": "Number"}],
    )
    schema = {
        each["Name"]: each
        for each in account.call("DescribeUserPool", UserPoolId=pool_id)["UserPool"]["SchemaAttributes"]
    }
    assert schema["custom:tenant"]["StringAttributeConstraints"] == {"MaxLength": "5"}
    assert schema["custom:level"]["AttributeDataType"] == "Number"
    again = account.unchanged("AddCustomAttributes", UserPoolId=pool_id, CustomAttributes=[tenant])
    assert again.startswith("InvalidParameterException: custom:tenant: Existing attribute already has name")


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        ({"Name": "t", "AttributeDataType": "String", "Required": True}, "Required custom attributes"),
        ({"Name": "t"}, "Invalid AttributeDataType"),
        ({"Name": "email", "AttributeDataType": "Number"}, "You can not change AttributeDataType"),
        (
            {
                "Name": "t",
                "AttributeDataType": "String",
                "StringAttributeConstraints": {"MaxLength": "many"},
            },
            "not a whole number",
        ),
    ],
)
def test_an_attribute_that_cannot_be_is_refused(account: Any, attribute: dict[str, Any], reason: str) -> None:
    refusal = account.unchanged("CreateUserPool", PoolName="p", Schema=[attribute])
    assert refusal.startswith("InvalidParameterException: ")
    assert reason in refusal


@pytest.mark.semantics("COGNITO-30", "COGNITO-31")
def test_an_update_sets_what_it_leaves_out_to_its_default(account: Any) -> None:
    pool_id = account.pool(
        Policies={"PasswordPolicy": {"MinimumLength": 12}},
        AutoVerifiedAttributes=["email"],
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        UserPoolTags={"team": "a"},
    )
    described = account.call("DescribeUserPool", UserPoolId=pool_id)["UserPool"]
    assert described["Policies"]["PasswordPolicy"]["RequireSymbols"] is False
    account.call("UpdateUserPool", UserPoolId=pool_id, DeletionProtection="ACTIVE")
    updated = account.call("DescribeUserPool", UserPoolId=pool_id)["UserPool"]
    assert updated["Policies"]["PasswordPolicy"]["MinimumLength"] == 8
    assert updated["Policies"]["PasswordPolicy"]["RequireSymbols"] is True
    assert "AutoVerifiedAttributes" not in updated
    assert updated["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False
    assert updated["UserPoolTags"] == {"team": "a"}
    assert updated["DeletionProtection"] == "ACTIVE"


def test_remembered_devices_are_told_again(account: Any) -> None:
    devices = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": True}
    pool_id = account.pool(DeviceConfiguration=devices)
    described = account.call("DescribeUserPool", UserPoolId=pool_id)["UserPool"]
    assert described["DeviceConfiguration"] == devices


@pytest.mark.semantics("COGNITO-32")
def test_a_second_factor_is_refused_and_never_pretended(account: Any) -> None:
    refusal = account.unchanged("CreateUserPool", PoolName="p", MfaConfiguration="ON")
    assert "does not support multi-factor authentication" in refusal
    pool_id = account.pool(MfaConfiguration="OPTIONAL")
    assert account.call("GetUserPoolMfaConfig", UserPoolId=pool_id) == {"MfaConfiguration": "OPTIONAL"}
    assert "multi-factor" in account.unchanged(
        "SetUserPoolMfaConfig", UserPoolId=pool_id, MfaConfiguration="ON"
    )
    account.call("SetUserPoolMfaConfig", UserPoolId=pool_id, MfaConfiguration="OFF")
    assert account.call("GetUserPoolMfaConfig", UserPoolId=pool_id) == {"MfaConfiguration": "OFF"}


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"UsernameAttributes": ["email"], "AliasAttributes": ["email"]}, "Only one of the aliasAttributes"),
        ({"LambdaConfig": {"UserMigration": HOOK}}, "'lambdaConfig.userMigration'"),
        ({"KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY"}}, "customer managed keys"),
        (
            {
                "LambdaConfig": {
                    "PreTokenGeneration": HOOK,
                    "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": f"{HOOK}2"},
                }
            },
            "same function",
        ),
        (
            {
                "AccountRecoverySetting": {
                    "RecoveryMechanisms": [
                        {"Priority": 1, "Name": "admin_only"},
                        {"Priority": 2, "Name": "verified_email"},
                    ]
                }
            },
            "admin_only",
        ),
        ({"UserPoolTags": {"aws:x": "y"}}, "aws:"),
        ({"PoolName": "no/slash"}, "poolName"),
    ],
)
def test_settings_that_cannot_be_are_refused(account: Any, params: dict[str, Any], reason: str) -> None:
    refusal = account.unchanged("CreateUserPool", **{"PoolName": "p", **params})
    assert refusal.startswith("InvalidParameterException: ")
    assert reason in refusal


def test_triggers_are_echoed_in_both_forms(account: Any) -> None:
    config = {
        "PreSignUp": HOOK,
        "PreTokenGenerationConfig": {"LambdaVersion": "V3_0", "LambdaArn": HOOK},
    }
    pool_id = account.pool(LambdaConfig=config)
    described = account.call("DescribeUserPool", UserPoolId=pool_id)["UserPool"]["LambdaConfig"]
    assert described == {**config, "PreTokenGeneration": HOOK}


def test_a_pool_is_deleted_with_all_in_it_but_not_with_a_domain(account: Any) -> None:
    pool_id = account.pool(DeletionProtection="ACTIVE")
    client = account.client(pool_id)
    account.user(pool_id)
    account.sign_in(client["ClientId"])
    account.call("CreateUserPoolDomain", UserPoolId=pool_id, Domain="shop")
    assert "deletion protection" in account.unchanged("DeleteUserPool", UserPoolId=pool_id)
    account.call("UpdateUserPool", UserPoolId=pool_id)
    assert account.unchanged("DeleteUserPool", UserPoolId=pool_id) == (
        "InvalidParameterException: User pool cannot be deleted. "
        "It has a domain configured that should be deleted first."
    )
    account.call("DeleteUserPoolDomain", UserPoolId=pool_id, Domain="shop")
    account.call("DeleteUserPool", UserPoolId=pool_id)
    assert (
        account.refused("DescribeUserPool", UserPoolId=pool_id)
        == f"ResourceNotFoundException: User pool {pool_id} does not exist."
    )
    assert "does not exist" in account.sign_in_refused(client["ClientId"])
    with account.store.read() as state:
        left = state._connection.exec_driver_sql("SELECT count(*) FROM resources").scalar()
    assert left == 0


def test_pools_are_listed_in_pages_and_by_region(account: Any) -> None:
    ids = [account.pool(PoolName=f"p{number}") for number in range(3)]
    account.call("CreateUserPool", "us-east-1", PoolName="elsewhere")
    first = account.call("ListUserPools", MaxResults=2)
    second = account.call("ListUserPools", MaxResults=2, NextToken=first["NextToken"])
    assert [pool["Id"] for pool in (*first["UserPools"], *second["UserPools"])] == ids
    assert "NextToken" not in second
    assert "pagination" in account.unchanged("ListUserPools", MaxResults=2, NextToken="junk")
    assert "does not exist" in account.refused("DescribeUserPool", "us-east-1", UserPoolId=ids[0])


def test_tags_are_put_on_and_taken_off(account: Any) -> None:
    pool_id = account.pool(UserPoolTags={"a": "1"})
    arn = account.call("DescribeUserPool", UserPoolId=pool_id)["UserPool"]["Arn"]
    account.call("TagResource", ResourceArn=arn, Tags={"b": "2"})
    account.call("UntagResource", ResourceArn=arn, TagKeys=["a"])
    assert account.call("ListTagsForResource", ResourceArn=arn)["Tags"] == {"b": "2"}
    many = {f"key{number}": "" for number in range(50)}
    assert "at most 50" in account.unchanged("TagResource", ResourceArn=arn, Tags=many)
    for wrong in (arn.replace("userpool/", "other/"), arn.replace("cognito-idp", "lambda")):
        assert account.unchanged("ListTagsForResource", ResourceArn=wrong).startswith("InvalidParameter")
