"""Clearing held sales, for the merchant's pages, the console and the API."""

from __future__ import annotations

from taxpoynt.bootstrap.lists import lists
from taxpoynt.bootstrap.stores import stores
from taxpoynt.connector_kit import loader
from taxpoynt.services.answer_question import AnswerQuestion
from taxpoynt.services.attend_sale import AttendSale
from taxpoynt.services.current_lists import ListSource
from taxpoynt.services.supply_value import SupplyValue
from taxpoynt.settings import ServeConnectSettings
from taxpoynt.storage.clients import client
from taxpoynt.storage.queue import SqsJobQueue
from taxpoynt.storage.workflows import StepFunctionsStarter


def attention_desk(settings: ServeConnectSettings) -> tuple[AttendSale, ListSource]:
    """The desk, and the code lists its forms choose from."""
    known, held = lists(settings), stores(settings)
    starter = StepFunctionsStarter(client("stepfunctions"), conversion=settings.invoice_conversion_arn)
    queue = SqsJobQueue(client("sqs"), {"bulk": settings.bulk_queue_url})
    supplying, answering = SupplyValue(held, known, starter, queue), AnswerQuestion(held, starter)
    return AttendSale(held, loader.load, supplying, answering), known
