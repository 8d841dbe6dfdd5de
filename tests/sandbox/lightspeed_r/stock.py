"""Stock rows follow what is sold; an item's own timeStamp does not move with them."""

from datetime import datetime

from tests.sandbox.kit import Json
from tests.sandbox.lightspeed_r.world import Account


def move(account: Account, sale: Json, sign: int, now: datetime) -> None:
    """`sign` -1 when goods leave (refund lines have negative quantities), 1 when a void brings them back."""
    for line in account.lines(sale["saleID"]):
        if line["itemID"] and account.find("Item", line["itemID"])["itemType"] != "non_inventory":
            change(account, line["itemID"], sale["shopID"], {"qoh": sign * int(line["unitQuantity"])}, now)


def reserve(account: Account, line: Json, sign: int, now: datetime) -> None:
    """Reserved units are still on hand."""
    field = "onLayaway" if line["isLayaway"] else "onSpecialOrder"
    change(account, line["itemID"], line["shopID"], {field: sign * int(line["unitQuantity"])}, now)


def change(account: Account, item_id: int, shop_id: int, by: dict[str, int], now: datetime) -> None:
    """The shop's row and the row of shop 0."""
    for row in account.stock_rows(item_id):
        if row["shopID"] in {shop_id, 0}:
            moved = row | {field: row[field] + amount for field, amount in by.items()} | {"timeStamp": now}
            account.put("ItemShop", moved | {"sellable": max(0, moved["qoh"])})


def count(account: Account, item_id: int, shop_id: int, quantity: int, now: datetime) -> None:
    """Somebody counted: the shop holds just so many."""
    [row] = [row for row in account.stock_rows(item_id) if row["shopID"] == shop_id]
    change(account, item_id, shop_id, {"qoh": quantity - row["qoh"]}, now)
