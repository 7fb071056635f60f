"""The capabilities that a template needs the caller to acknowledge.

Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html (Capabilities)
"""

from collections.abc import Collection

from sekisho.cfn.document import Document

_NAMES = {
    "AWS::IAM::AccessKey": None,
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": None,
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::UserToGroupAddition": None,
}
"""IAM types, and the property that gives one a custom name."""


def find_missing_capabilities(
    document: Document, processed: Document, given: Collection[str], *, is_reviewed: bool = False
) -> list[str]:
    """Return the capabilities that are needed and not given.

    Args:
        document: the template as it was given.
        processed: what its transforms made of it.
        given: the capabilities that the caller acknowledges.
        is_reviewed: whether a change set shows first what the transforms made.
    """
    needed = []
    bodies = [body for body in processed.section("Resources").values() if isinstance(body, dict)]
    iam = [body for body in bodies if body.get("Type") in _NAMES]
    if any(_NAMES[body["Type"]] in (body.get("Properties") or {}) for body in iam):
        needed.append("CAPABILITY_NAMED_IAM")
    elif iam and "CAPABILITY_NAMED_IAM" not in given:
        needed.append("CAPABILITY_IAM")
    if document.body.get("Transform") and not is_reviewed:  # CFN-18
        needed.append("CAPABILITY_AUTO_EXPAND")
    return [one for one in needed if one not in given]
