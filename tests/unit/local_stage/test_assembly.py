from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

from infra_cdk.local.assembly import UNKNOWN_TYPES, with_settings, without_unknown


def test_a_type_is_only_left_out_while_the_emulator_does_not_know_it() -> None:
    assert not [name for name in UNKNOWN_TYPES if name in _RESOURCE_HANDLERS]


def test_what_depended_on_something_left_out_no_longer_does() -> None:
    template = {
        "Resources": {
            "Gone": {"Type": "AWS::CloudWatch::CompositeAlarm"},
            "One": {"Type": "AWS::SQS::Queue", "DependsOn": "Gone"},
            "Two": {"Type": "AWS::SQS::Queue", "DependsOn": ["Gone", "One"]},
        }
    }
    kept = without_unknown(template)["Resources"]
    assert kept == {"One": {"Type": "AWS::SQS::Queue"}, "Two": {"Type": "AWS::SQS::Queue", "DependsOn": ["One"]}}


def test_a_setting_is_changed_only_where_the_function_already_has_it() -> None:
    def function(**variables: str) -> dict[str, object]:
        return {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Variables": variables}}}

    template = {"Resources": {"A": function(PUBLIC_URL="old", STAGE="local"), "B": function(STAGE="local")}}
    changed = with_settings(template, {"PUBLIC_URL": "new"})["Resources"]
    assert changed["A"] == function(PUBLIC_URL="new", STAGE="local")
    assert changed["B"] == function(STAGE="local")
