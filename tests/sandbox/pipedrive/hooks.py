"""Webhook subscriptions: kept per company, told how their deliveries went, removed when they fail for too long."""

from tests.sandbox.kit import Clock, Courier, Json
from tests.sandbox.pipedrive.times import event_time
from tests.sandbox.pipedrive.world import Company, World

# The OpenAPI enum; newer prose pages also list deal_product and others, which the enum does not have.
OBJECTS = ("deal", "organization", "person", "product", "lead", "activity", "note", "pipeline", "stage", "user", "*")
ACTIONS = ("create", "change", "delete", "*")
VERSIONS = ("1.0", "2.0")
PER_USER = 40


class WebhookStore:
    """Adds and removes subscriptions. The courier's news arrive on its threads, hence the lock around them."""

    def __init__(self, world: World, courier: Courier, clock: Clock) -> None:
        self.world, self.courier, self.clock = world, courier, clock

    def add(self, company: Company, owner: int, wanted: Json) -> Json:
        """`wanted` is checked already. The same wish twice makes two subscriptions."""
        self.world.last_webhook += 1
        webhook: Json = {
            "id": self.world.last_webhook,
            "company_id": company.id,
            "owner_id": owner,
            "user_id": wanted["user_id"],
            "event_action": wanted["event_action"],
            "event_object": wanted["event_object"],
            "subscription_url": wanted["subscription_url"],
            "version": wanted["version"],
            "is_active": 1,
            "add_time": event_time(self.clock.now()),
            "remove_time": None,
            "type": "application",
            "http_auth_user": wanted["http_auth_user"],
            "http_auth_password": wanted["http_auth_password"],
            "remove_reason": None,
            "last_delivery_time": None,
            "last_http_status": None,
            "admin_id": wanted["user_id"],
            "name": wanted["name"],
        }
        company.webhooks[webhook["id"]] = webhook
        return webhook

    def remove(self, company: Company, webhook_id: int, reason: str) -> Json | None:
        """The removed subscription, or None when there was none."""
        webhook = company.webhooks.pop(webhook_id, None)
        if webhook is not None:
            webhook |= {"is_active": 0, "remove_time": event_time(self.clock.now()), "remove_reason": reason}
            company.removed_webhooks.append(webhook)
            self.courier.forget(str(webhook_id))
        return webhook

    def remove_of_app(self, company: Company, user: int | None) -> None:
        """What an uninstalled app leaves behind: nothing."""
        for webhook in list(company.webhooks.values()):
            if user in {None, webhook["owner_id"]}:
                self.remove(company, webhook["id"], "app uninstalled")

    def note_delivery(self, subscriber: str, status: int | None) -> None:
        """Last time and status, as GET /webhooks shows them."""
        for company in self.world.companies.values():
            if webhook := company.webhooks.get(int(subscriber)):
                webhook |= {"last_delivery_time": event_time(self.clock.now()), "last_http_status": status}

    def give_up(self, subscriber: str) -> None:
        """Three days without a success."""
        for company in self.world.companies.values():
            self.remove(company, int(subscriber), "no successful delivery for 3 days")
