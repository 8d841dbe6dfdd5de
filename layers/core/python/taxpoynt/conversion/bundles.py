"""Items that bear the same taxes are settled together; bundles that share a tax are settled as one cluster.

Tax is reckoned once per (category, rate): round(Σ bases × rate), never per line. Prices with tax: what the till took
wins, so the bases of a cluster are chosen as large as they can be without exceeding it. Rule `inclusive-residual`:
what is then missing (at 7.5 % one gross in fourteen has no net) is left to the document, as an untaxed charge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from taxpoynt.conversion.items import Item, Priced
from taxpoynt.conversion.treatment import Tax
from taxpoynt.conversion.units import allocate, percent_of, to_units

Key = tuple[str, Decimal | None]
"""(category, percent); percent None: the tax is taken as the source states it."""


@dataclass(slots=True)
class Bundle:
    """Items of one treatment, in minor units. `taxes` empty: the treatment is unknown.

    share: its part of the document's discounts and charges, on the basis of its prices; `reduction` the same without
    tax; base: the taxable amount of all its items together.
    """

    taxes: tuple[Tax, ...]
    items: list[Item] = field(default_factory=list)
    share: int = 0
    share_with_tax: int = 0
    base: int = 0
    reduction: int = 0

    @property
    def lines_total(self) -> int:
        """Σ lines on their own bases, before document discounts."""
        return sum(item.total for item in self.items if isinstance(item, Priced))

    @property
    def inclusive(self) -> list[Item]:
        """The items whose prices contain their taxes."""
        return [item for item in self.items if item.inclusive]

    def stated(self, place: int) -> int:
        """Σ of the tax at `place` as the source states it."""
        return sum(item.stated[place] for item in self.items)

    @property
    def factor(self) -> Decimal:
        """Price with tax ÷ price without."""
        return self.items[0].treatment.factor


@dataclass(slots=True)
class Cluster:
    """Bundles that share a tax. residual: what its prices with tax hold beyond bases and taxes."""

    bundles: list[Bundle]
    taxed: dict[Key, tuple[int, int]] = field(default_factory=dict)
    """(base, tax) of each tax, filled by `settle_cluster`."""
    residual: int = 0


def bundled(items: Sequence[Item]) -> list[Bundle]:
    """Items of equal treatment together, in the order of their first; those of unknown treatment make one bundle."""
    found: dict[tuple[tuple[Key, bool], ...], Bundle] = {}
    for item in items:
        taxes = item.treatment.taxes or ()
        key = tuple(((tax.category, tax.percent), tax.on_tax) for tax in taxes)
        found.setdefault(key, Bundle(taxes)).items.append(item)
    return list(found.values())


def clusters(bundles: Sequence[Bundle]) -> list[Cluster]:
    """Bundles that share a tax, directly or through others."""
    found: list[tuple[set[Key], list[Bundle]]] = []
    for bundle in bundles:
        keys: set[Key] = {(tax.category, tax.percent) for tax in bundle.taxes}
        touched = [one for one in found if one[0] & keys]
        members = [member for one in touched for member in one[1]]
        found = [one for one in found if one not in touched]
        found.append((keys.union(*(one[0] for one in touched)), [*members, bundle]))
    order = {id(bundle): place for place, bundle in enumerate(bundles)}
    ordered = [sorted(members, key=lambda one: order[id(one)]) for _, members in found]
    return [Cluster(members) for members in sorted(ordered, key=lambda many: order[id(many[0])])]


def taxed(
    bundles: Sequence[Bundle], bases: Sequence[int], stated: Sequence[Sequence[int]]
) -> dict[Key, tuple[int, int]]:
    """(base, tax) of every tax for these bases; `stated`: the amounts of the taxes that are taken as stated."""
    found: dict[Key, list[int]] = {}
    for bundle, base, amounts in zip(bundles, bases, stated, strict=True):
        before = 0
        for tax, amount in zip(bundle.taxes, amounts, strict=True):
            own = base + before if tax.on_tax else base
            sums = found.setdefault((tax.category, tax.percent), [0, 0])
            sums[0] += own
            sums[1] += amount
            before += amount if tax.percent is None else percent_of(own, tax.percent)
    return {
        key: (base, amount if key[1] is None else percent_of(base, key[1])) for key, (base, amount) in found.items()
    }


def settle_cluster(cluster: Cluster) -> None:
    """Fills base and reduction of every bundle, the net of every item, and the cluster's taxes and residual."""
    for bundle in cluster.bundles:
        for item in bundle.items:
            item.net = item.total
        with_tax = [isinstance(item, Priced) and item.inclusive for item in bundle.items]
        inclusive = sum(item.total for item, is_in in zip(bundle.items, with_tax, strict=True) if is_in)
        bundle.share_with_tax = allocate(bundle.share, [bundle.lines_total - inclusive, inclusive])[1]
        bundle.base = sum(item.total for item in bundle.items) - bundle.share
    settled = _Inclusive(cluster) if any(b.taxes and b.inclusive for b in cluster.bundles) else None
    if settled is not None:
        settled.settle()
    bases = [bundle.base for bundle in cluster.bundles]
    stated = [[bundle.stated(place) for place in range(len(bundle.taxes))] for bundle in cluster.bundles]
    cluster.taxed = taxed(cluster.bundles, bases, stated)
    if settled is not None:
        cluster.residual = settled.target - sum(bases) - sum(tax for _, tax in cluster.taxed.values())
    for bundle in cluster.bundles:
        bundle.reduction = sum(item.net for item in bundle.items) - bundle.base


class _Inclusive:
    """A cluster with prices that contain tax: the bases that come nearest to what the till took, from below."""

    def __init__(self, cluster: Cluster) -> None:
        self._bundles = cluster.bundles
        self._without = [self._exclusive_base(bundle) for bundle in self._bundles]
        self._stated = [[b.stated(place) for place in range(len(b.taxes))] for b in self._bundles]
        exclusive = [
            [sum(item.stated[place] for item in b.items if not item.inclusive) for place in range(len(b.taxes))]
            for b in self._bundles
        ]
        with_tax = [self._with_tax(bundle) for bundle in self._bundles]
        on_top = sum(tax for _, tax in taxed(self._bundles, self._without, exclusive).values())
        self.target = sum(with_tax) + sum(self._without) + on_top
        self._starts = [
            gross + without + sum(tax for _, tax in taxed([bundle], [without], [stated]).values())
            for bundle, gross, without, stated in zip(self._bundles, with_tax, self._without, exclusive, strict=True)
        ]

    @staticmethod
    def _exclusive_base(bundle: Bundle) -> int:
        whole = sum(item.total for item in bundle.items if not item.inclusive)
        return whole - (bundle.share - bundle.share_with_tax)

    @staticmethod
    def _with_tax(bundle: Bundle) -> int:
        return sum(item.total for item in bundle.inclusive) - bundle.share_with_tax

    def settle(self) -> None:
        bases = [self._start(place) for place in range(len(self._bundles))]
        places = [place for place, bundle in enumerate(self._bundles) if bundle.inclusive]
        largest = max(places, key=lambda place: (abs(bases[place]), -place))
        bases[largest] = self._fitting(bases, largest)
        for bundle, base, without in zip(self._bundles, bases, self._without, strict=True):
            self._spread(bundle, base, without)

    def _fitting(self, bases: Sequence[int], place: int) -> int:
        """The largest base at `place` that stays within the target: near the start as a rule, far for absurd input."""

        def is_over(base: int) -> bool:
            whole = self._total([base if at == place else one for at, one in enumerate(bases)])
            return whole > self.target

        low, step = bases[place], 1
        while is_over(low):
            low, step = low - step, step * 2
        step = 1
        while not is_over(low + step):
            low, step = low + step, step * 2
        while step > 1:
            step //= 2
            low = low if is_over(low + step) else low + step
        return low

    def _start(self, place: int) -> int:
        bundle = self._bundles[place]
        if not bundle.inclusive:
            return self._without[place]
        return to_units(_less_stated(bundle, self._starts[place], bundle.items) / bundle.factor, 0)

    def _total(self, bases: Sequence[int]) -> int:
        return sum(bases) + sum(tax for _, tax in taxed(self._bundles, bases, self._stated).values())

    @staticmethod
    def _spread(bundle: Bundle, base: int, without: int) -> None:
        """Nets of the prices with tax; before the document's discounts, as a line's amount is."""
        inclusive = bundle.inclusive
        if not inclusive:
            return
        bundle.base = base
        nets = base - without
        if bundle.share_with_tax:
            whole = sum(item.total for item in inclusive)
            nets = to_units(_less_stated(bundle, whole, inclusive) / bundle.factor, 0)
        weights = [item.total - sum(item.stated) for item in inclusive]
        for item, net in zip(inclusive, allocate(nets, weights), strict=True):
            item.net = net


def _less_stated(bundle: Bundle, gross: int, items: Sequence[Item]) -> Decimal:
    """A price with tax less the taxes taken as stated, and what taxes on tax add to those."""
    fixed = Decimal(0)
    for place, tax in enumerate(bundle.taxes):
        before = fixed if tax.on_tax else Decimal(0)
        fixed += sum(item.stated[place] for item in items) + before * (tax.percent or Decimal(0)) / 100
    return gross - fixed
