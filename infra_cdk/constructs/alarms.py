"""What must wake a person, and the topic that tells them."""

from __future__ import annotations

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_cloudwatch_actions import SnsAction
from constructs import Construct

from infra_cdk.constructs.keys import DataKey
from infra_cdk.constructs.queues import WorkQueue
from infra_cdk.constructs.thin_function import ThinFunction
from infra_cdk.constructs.workflow import Workflow
from infra_cdk.findings import accept


class AlertTopic(Construct):
    """Operator alarms, from CloudWatch and from hold_invoice."""

    def __init__(self, scope: Construct, *, key: DataKey, email: str | None) -> None:
        super().__init__(scope, "Alerts")
        self.topic = sns.Topic(self, "Topic", display_name="TaxPoynt alerts", master_key=key.key, enforce_ssl=True)
        # A topic policy of our own (enforce_ssl) replaces the default one that let this account's alarms publish.
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
        if email:
            subscription = sns.Subscription(
                self, "Email", topic=self.topic, protocol=sns.SubscriptionProtocol.EMAIL, endpoint=email
            )
            accept(subscription, "A mailbox; nothing would read a queue.", "Serverless-SNSRedrivePolicy")


class Alarms(Construct):
    """Each alarm says in its description what it means and where to look."""

    def __init__(self, scope: Construct, topic: sns.ITopic) -> None:
        super().__init__(scope, "Alarms")
        self._action = SnsAction(topic)
        self._minute = Duration.minutes(1)

    def _alarm(
        self,
        id_: str,
        text: str,
        metric: cloudwatch.Metric,
        threshold: float,
        periods: int = 1,
        when: cloudwatch.ComparisonOperator = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            id_,
            alarm_description=text,
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=when,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(self._action)
        alarm.add_ok_action(self._action)

    def dead_letters(self, name: str, queue: sqs.IQueue) -> None:
        text = f"A message of the {name} queue failed for good. Read it, mend the cause, then send it to its queue."
        metric = queue.metric_approximate_number_of_messages_visible(period=self._minute, statistic="Maximum")
        self._alarm(f"{name.capitalize()}DeadLetters", text, metric, threshold=1)

    def age(self, work: WorkQueue, *, minutes: int) -> None:
        text = f"The oldest message of {work.name} waits longer than {minutes} minutes: consumers fail or are too few."
        metric = work.queue.metric_approximate_age_of_oldest_message(period=self._minute, statistic="Maximum")
        self._alarm(f"{work.name.capitalize()}Age", text, metric, threshold=minutes * 60, periods=3)

    def workflow(self, workflow: Workflow) -> None:
        machine, label = workflow.machine, workflow.node.id
        for what, metric in (
            ("Failed", machine.metric_failed(period=self._minute)),
            ("TimedOut", machine.metric_timed_out(period=self._minute)),
        ):
            text = (
                f"{workflow.name}: an execution ended as {what}. The sweeper starts it again; find out why it happened."
            )
            self._alarm(f"{label}{what}", text, metric, threshold=1)

    def errors(self, function: ThinFunction, *, periods: int = 1) -> None:
        text = f"{function.name} raised or timed out. Its log group has the reason."
        metric = function.function.metric_errors(period=self._minute)
        self._alarm(f"{function.node.id}Errors", text, metric, threshold=1, periods=periods)

    def latency(self, function: ThinFunction, *, milliseconds: int) -> None:
        text = f"{function.name}: one call in a hundred takes over {milliseconds} ms; the tightest sender waits 2 s."
        metric = function.function.metric_duration(period=Duration.minutes(5), statistic="p99")
        self._alarm(f"{function.node.id}Latency", text, metric, threshold=milliseconds, periods=2)

    def parked(self, function: ThinFunction) -> None:
        text = "Genuine events could not be used and wait for a person: see outcome `parked` in /v1/events."
        self._alarm(f"{function.node.id}Parked", text, self._calls(function, "parked"), threshold=1)

    def drift(self, function: ThinFunction) -> None:
        text = (
            "A nightly check found more wrong in a merchant's items, stock or customers than following the changes may "
            "miss, and mended it: the log line with outcome `drift` says whose, `taxpoynt ops connections` shows what."
        )
        self._alarm(f"{function.node.id}Drift", text, self._calls(function, "drift"), threshold=1)

    def gap(self, function: ThinFunction) -> None:
        text = (
            "A platform stopped telling of sales: its webhook is silent, paused or deleted. Polling finds them, and we "
            "subscribe anew where we may. `taxpoynt ops connections` shows which, since when and how many were found."
        )
        self._alarm(f"{function.node.id}Gap", text, self._calls(function, "gap"), threshold=1)

    def _calls(self, function: ThinFunction, outcome: str) -> cloudwatch.Metric:
        about = {"service": function.name, "outcome": outcome}
        return cloudwatch.Metric(
            namespace="TaxPoynt", metric_name="Calls", dimensions_map=about, period=self._minute, statistic="Sum"
        )

    def breach(self, function: ThinFunction, *, minutes: int) -> None:
        """By what the sweeper counts each minute over everything NRS does not hold yet (index by_legal)."""

        def metric(name: str, statistic: str) -> cloudwatch.Metric:
            return cloudwatch.Metric(
                namespace="TaxPoynt",
                metric_name=name,
                dimensions_map={"service": function.name},
                period=self._minute,
                statistic=statistic,
            )

        text = (
            f"Sales are past 20 of the 24 hours the law gives a B2C report ({minutes} minutes left): see /v1/invoices."
        )
        self._alarm(f"{function.node.id}Late", text, metric("Late", "Maximum"), threshold=1, periods=2)
        text = f"The next B2C report is due in less than {minutes} minutes, or is overdue. Held sales count too."
        below = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
        left = metric("MinutesToBreach", "Minimum")
        self._alarm(f"{function.node.id}Breach", text, left, threshold=minutes, periods=2, when=below)

    def throttles(self, function: ThinFunction) -> None:
        text = f"{function.name} was refused an environment: its reserved concurrency or the account's is used up."
        metric = function.function.metric_throttles(period=self._minute)
        self._alarm(f"{function.node.id}Throttles", text, metric, threshold=1, periods=3)
