"""What must wake a person does."""

from __future__ import annotations

from taxpoynt.observability import NAMESPACE
from tests.infra.templates import Assembly


def _alarms(assembly: Assembly, metric: str) -> list[dict[str, object]]:
    return [a for a in assembly.props("AWS::CloudWatch::Alarm").values() if a["MetricName"] == metric]


def test_every_dead_letter_queue_rings_at_the_first_message(any_stage: Assembly) -> None:
    dead = {key for key in any_stage.of_type("AWS::SQS::Queue") if "DeadLetters" in key}
    rung = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]  # type: ignore[index]  # JSON
        for alarm in _alarms(any_stage, "ApproximateNumberOfMessagesVisible")
        if alarm["Threshold"] == 1
    }
    assert rung == dead
    assert len(dead) == 4


def test_work_that_waits_too_long_rings(any_stage: Assembly) -> None:
    assert len(_alarms(any_stage, "ApproximateAgeOfOldestMessage")) == 3


def test_failed_and_timed_out_executions_ring_for_every_machine(any_stage: Assembly) -> None:
    assert len(_alarms(any_stage, "ExecutionsFailed")) == 3
    assert len(_alarms(any_stage, "ExecutionsTimedOut")) == 3


def test_a_legal_time_that_runs_out_rings_at_20_of_its_24_hours(any_stage: Assembly) -> None:
    (left,) = _alarms(any_stage, "MinutesToBreach")
    assert (left["ComparisonOperator"], left["Threshold"], left["Statistic"]) == ("LessThanThreshold", 240, "Minimum")
    (late,) = _alarms(any_stage, "Late")
    assert (late["ComparisonOperator"], late["Threshold"]) == ("GreaterThanOrEqualToThreshold", 1)
    for alarm in (left, late):
        assert alarm["Namespace"] == NAMESPACE
        assert alarm["Dimensions"] == [{"Name": "service", "Value": "sweep_stalled"}]


def test_events_that_wait_for_a_person_ring_by_the_metric_the_functions_write(any_stage: Assembly) -> None:
    told = set()
    for alarm in _alarms(any_stage, "Calls"):
        assert (alarm["Namespace"], alarm["Threshold"]) == (NAMESPACE, 1)
        dimensions = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}  # type: ignore[attr-defined]  # JSON
        assert dimensions.keys() == {"service", "outcome"}
        told.add((dimensions["service"], dimensions["outcome"]))
    assert told == {("run_sync_job", outcome) for outcome in ("parked", "drift", "gap")}


def test_the_ack_path_rings_before_the_tightest_sender_gives_up(any_stage: Assembly) -> None:
    (slow,) = _alarms(any_stage, "Duration")
    assert slow["ExtendedStatistic"] == "p99"
    assert isinstance(slow["Threshold"], int)
    assert slow["Threshold"] < 2000


def test_every_alarm_tells_the_topic_and_says_what_it_means(any_stage: Assembly) -> None:
    topic = any_stage.id_of("AWS::SNS::Topic", "AlertsTopic")
    for alarm in any_stage.props("AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmActions"] == [{"Ref": topic}]
        assert len(alarm["AlarmDescription"]) > 30


def test_alarms_may_publish_to_the_encrypted_topic(any_stage: Assembly) -> None:
    (policy,) = any_stage.props("AWS::SNS::TopicPolicy").values()
    allowed = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert [s["Principal"] for s in allowed] == [{"Service": "cloudwatch.amazonaws.com"}]
    key = any_stage.props("AWS::KMS::Key")[any_stage.id_of("AWS::KMS::Key", "DataKey")]
    services = [s["Principal"].get("Service") for s in key["KeyPolicy"]["Statement"]]
    assert "cloudwatch.amazonaws.com" in services
