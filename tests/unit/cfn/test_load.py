"""Reading templates: values, short forms, marks, and what is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.cfn.document import Mark
from sekisho.cfn.errors import TemplateError
from sekisho.cfn.load import load_template, read_plain_scalar

YAML = """\
Resources:
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      Priority: 10
      ListenerArn: !Ref Listener
      Actions:
        - Type: forward
          TargetGroupArn: !GetAtt Group.TargetGroupArn
      Conditions: !If
        - HasHost
        - - Field: host-header
            Values: [!Sub "${Name}.example.com"]
        - []
"""


def test_short_forms_become_full_functions() -> None:
    properties = load_template(YAML).body["Resources"]["Rule"]["Properties"]
    assert properties["ListenerArn"] == {"Ref": "Listener"}
    assert properties["Actions"][0]["TargetGroupArn"] == {"Fn::GetAtt": ["Group", "TargetGroupArn"]}
    assert properties["Conditions"]["Fn::If"][1][0]["Values"] == [{"Fn::Sub": "${Name}.example.com"}]


def test_marks_reach_into_functions() -> None:
    document = load_template(YAML, "t.yaml")
    path = ("Resources", "Rule", "Properties", "Conditions", "Fn::If", 1, 0, "Field")
    assert document.mark(path) == Mark(12, 13)
    assert document.location(path) == ("t.yaml:12:13 Resources/Rule/Properties/Conditions/Fn::If/1/0/Field")


def test_a_place_without_a_mark_has_that_of_what_is_around_it() -> None:
    document = load_template(YAML)
    assert document.mark(("Resources", "Rule", "Properties", "Nowhere", 3)) == Mark(4, 5)


def test_json_marks_point_at_keys() -> None:
    document = load_template('{\n  "Resources": {\n    "A": {"Type": "x",\n\t"Properties": [1, 2]}\n  }\n}')
    assert document.mark(("Resources", "A")) == Mark(3, 5)
    assert document.mark(("Resources", "A", "Properties")) == Mark(4, 2)
    assert document.mark(("Resources", "A", "Properties", 1)) == Mark(4, 20)


@pytest.mark.semantics("CFN-13")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2012-10-17", "2012-10-17"),
        ("000123456789", "000123456789"),
        ("0o17", "0o17"),
        ("22:22", "22:22"),
        ("1_000", "1_000"),
        ("80", 80),
        ("-5", -5),
        ("0.25", 0.25),
        ("yes", True),
        ("Off", False),
        ("~", None),
        ("nope", "nope"),
    ],
)
def test_plain_scalars(text: str, value: object) -> None:
    assert read_plain_scalar(text) == value
    loaded = load_template(f"A: {text}").body["A"]
    assert loaded == value
    assert type(loaded) is type(value)


def test_quoted_and_tagged_scalars_are_text() -> None:
    body = load_template("A: '80'\nB: !Sub 80\nC: !GetAtt X.Y.Z\nD: \"yes\"").body
    assert body == {"A": "80", "B": {"Fn::Sub": "80"}, "C": {"Fn::GetAtt": ["X", "Y.Z"]}, "D": "yes"}


@pytest.mark.semantics("CFN-13")
@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("A: 1\nB: 2\nA: 3", "YAML not well-formed. (line 3, column 1) duplicate key 'A'", "t:3:1"),
        ("A: &x 1\nB: *x", "YAML aliases are not allowed in CloudFormation templates", "t:2:4"),
        ("A: &x {b: 1}\nB:\n  <<: 1", "YAML not well-formed. (line 3, column 3)", "t:3:3"),
        ("A: !Frobnicate 1", "YAML not well-formed. (line 1, column 4) unknown tag !Frobnicate", "t:1:4"),
        ("A: [1\nB: 2", "YAML not well-formed. (line 2, column 2)", "t:2:2"),
        ("? [a]\n: 1", "YAML not well-formed. (line 1, column 3)", "t:1:3"),
        ("A: 1\n---\nB: 2", "YAML not well-formed. (line 2, column 1)", "t:2:1"),
        ("", "unsupported structure", "t:1:1"),
        ("- A", "unsupported structure", "t:1:1"),
        ('{"A": 1,\n "A": 2}', "JSON not well-formed. (line 2, column 2) duplicate key 'A'", "t:2:2"),
        ('{"A": 1,}', "JSON not well-formed. (line 1, column 9)", "t:1:9"),
        ('{"A": 01}', "JSON not well-formed. (line 1, column 8)", "t:1:8"),
        ('{"A": "\x01"}', "JSON not well-formed.", "t:1:"),
        ('{"A": 1} x', "JSON not well-formed. (line 1, column 10)", "t:1:10"),
        ('{"A": nul}', "JSON not well-formed. (line 1, column 7)", "t:1:7"),
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_place(text: str, message: str, place: str) -> None:
    with pytest.raises(TemplateError) as caught:
        load_template(text, "t")
    assert message in caught.value.message
    assert caught.value.location.startswith(place)
    assert caught.value.code == "ValidationError"


@pytest.mark.parametrize("text", ['{"a":' + "[" * 100_000, "a: " + "[" * 100_000])
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(TemplateError, match="not well-formed"):
        load_template(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), _JSON), st.sampled_from([None, 1, "\t"]))
def test_json_is_read_as_the_standard_library_reads_it(value: object, indent: int | str | None) -> None:
    text = json.dumps(value, indent=indent)
    document = load_template(text)
    assert document.body == json.loads(text)
    lines = text.split("\n")
    for path, mark in document.marks.items():
        if path and isinstance(path[-1], str):
            assert lines[mark.line - 1][mark.column - 1 :].startswith(json.dumps(path[-1]))


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(load_template(text).body, dict)
    except TemplateError as error:
        assert error.message.startswith("Template")  # noqa: PT017 - either outcome is right
