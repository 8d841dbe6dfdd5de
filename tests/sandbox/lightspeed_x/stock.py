"""Stock follows what is sold, in the outlet where it is sold."""

from tests.sandbox.kit import Json
from tests.sandbox.lightspeed_x.values import ZERO, decimal
from tests.sandbox.lightspeed_x.world import Retailer


def move(store: Retailer, sale: Json, sign: int) -> list[Json]:
    """`sign` -1 when goods leave, 1 when a void brings them back; the changed rows."""
    changed = []
    for line in sale["lines"]:
        product = store.tables["products"].get(line["product_id"])
        if product is not None and product["has_inventory"] and line["quantity"]:
            for row in store.stock_rows(product["id"]):
                if row["outlet_id"] == sale["outlet_id"]:
                    level = row["inventory_level"] + sign * line["quantity"]
                    changed.append(store.put("inventory", row | {"inventory_level": level}))
    return changed


def count(store: Retailer, product_id: str, outlet_id: str, level: object) -> Json:
    """Somebody counted: the outlet holds just so many."""
    for row in store.stock_rows(product_id):
        if row["outlet_id"] == outlet_id:
            return store.put("inventory", row | {"inventory_level": decimal(level, "inventory_level") + ZERO})
    raise ValueError(f"product {product_id} has no stock in outlet {outlet_id}")
