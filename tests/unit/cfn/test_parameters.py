"""Values of parameters."""

import pytest

from sekisho.cfn.errors import TemplateError
from sekisho.cfn.load import load_template
from sekisho.cfn.parameters import load_parameters, resolve_parameters

TEMPLATE = """\
Parameters:
  Size: {Type: Number, Default: 3, MinValue: 1, MaxValue: 10}
  Spot: {Type: String, Default: false, AllowedValues: [true, false]}
  Name: {Type: String, Default: ab, AllowedPattern: '[a-z]*', MinLength: 2, MaxLength: 4}
  Zones: {Type: 'List<AWS::EC2::AvailabilityZone::Name>', Default: 'a, b'}
  Numbers: {Type: 'List<Number>', Default: '1,2'}
  Words: {Type: CommaDelimitedList, Default: ''}
  Image: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /aws/service/ami}
  Images: {Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: '/a,/b'}
  Said: {Type: String, Default: x, AllowedPattern: 'x', ConstraintDescription: it must be x}
  Secret: {Type: String, Default: hidden, NoEcho: true}
"""


def test_defaults_have_the_type_that_ref_returns() -> None:
    assert resolve_parameters(load_template(TEMPLATE), {"Name": "abc"}) == {
        "Size": "3",
        "Spot": "false",
        "Name": "abc",
        "Zones": ["a", "b"],
        "Numbers": ["1", "2"],
        "Words": [],
        "Image": "/aws/service/ami",
        "Images": ["/a", "/b"],
        "Said": "x",
        "Secret": "hidden",
    }


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("Size", "x", "Parameter 'Size' must be a number."),
        ("Size", "0", "Parameter 'Size' must be a number not less than 1"),
        ("Size", "11", "Parameter 'Size' must be a number not greater than 10"),
        ("Numbers", "1,x", "Parameter 'Numbers' must be a number."),
        ("Spot", "no", "Parameter 'Spot' must be one of AllowedValues"),
        ("Name", "A1", "Parameter 'Name' must match pattern [a-z]*"),
        ("Name", "a", "Parameter 'Name' must contain at least 2 characters"),
        ("Name", "abcde", "Parameter 'Name' must contain at most 4 characters"),
        ("Said", "y", "Parameter Said failed to satisfy constraint: it must be x"),
        ("Other", "y", "Parameters: [Other] do not exist in the template"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused(name: str, value: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        resolve_parameters(load_template(TEMPLATE, "t"), {name: value})
    assert caught.value.message == message
    assert "Parameters" in caught.value.location


def test_missing_values_are_named_together() -> None:
    document = load_template("Parameters:\n  A: {Type: String}\n  B: {Type: String}")
    with pytest.raises(TemplateError, match=r"^Parameters: \[A, B\] must have values$"):
        resolve_parameters(document, {})


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("{}", "Every Parameters object must contain a Type member"),
        ("{Type: Strong}", "Unrecognized parameter type: Strong"),
        ("{Type: String, Defualt: x}", "Invalid template parameter property 'Defualt'"),
        ("{Type: String, Default: [x]}", "Every Default member must be a string"),
    ],
)
def test_a_declaration_that_is_not_valid_is_refused(spec: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        load_parameters(load_template(f"Parameters:\n  A: {spec}"))
