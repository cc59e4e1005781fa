"""What happened in the year before today, decided in plain Python before any record exists."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from . import facts


@dataclass
class OrderPlan:
    """One order and what became of it. A date that lies after today is None: it has not happened yet."""

    customer: str
    ordered_on: date
    lines: list  # [(product, quantity, discount in %)]
    cancelled: bool = False
    delivered_on: date | None = None
    rest_delivered_on: date | None = None  # set when the delivery came in two parts
    split_delivery: bool = False
    invoiced_on: date | None = None
    draft_invoice: bool = False
    paid: list = field(default_factory=list)  # [(date, share of the invoice)]
    returned_on: date | None = None

    @property
    def has_goods(self):
        return any(product not in facts.SERVICES for product, _quantity, _discount in self.lines)


def plan_history(today):
    """Decide the orders of the last year.

    :param date today: the day the demo company is installed
    :return: the plans, oldest order first
    :rtype: list[OrderPlan]
    """
    rng = Random(facts.SEED)  # noqa: S311
    plans = []
    for customer, (behaviour, term, basket, orders) in facts.CUSTOMERS.items():
        for day in _order_days(rng, today, behaviour, orders):
            plan = OrderPlan(customer, day, _lines(rng, basket))
            _plan_outcome(rng, plan, today, behaviour, term)
            plans.append(plan)
    plans.sort(key=lambda plan: (plan.ordered_on, plan.customer))
    _mark_exceptions(plans, today)
    return plans


@dataclass
class FormerInvoice:
    """An invoice of the time before the orders of the demo company begin; it is paid in full."""

    customer: str
    invoiced_on: date
    lines: list  # as in OrderPlan
    paid_on: date


def plan_former_invoices(today):
    """Decide the invoices between the first day of last year and the first order.

    :param date today: the day the demo company is installed
    :return: oldest first
    :rtype: list[FormerInvoice]
    """
    rng = Random(facts.SEED + 2)  # noqa: S311
    first, last = date(today.year - 1, 1, 1), today - timedelta(facts.DAYS_OF_HISTORY + 1)
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    days = [day for day in days if day.weekday() < 5]
    invoices = []
    for customer, (behaviour, term, basket, orders) in facts.CUSTOMERS.items():
        if customer in facts.WON_SINCE or not days:
            continue
        number = round(orders * facts.FORMER_SHARE * len(days) / 261)
        for day in rng.choices(days, [facts.SEASON[day.month] for day in days], k=number):
            mean, spread = facts.DELAYS[behaviour]
            paid_on = _workday(max(day + timedelta(term + round(rng.gauss(mean, spread))), day))
            invoices.append(FormerInvoice(customer, day, _lines(rng, basket), min(paid_on, today)))
    return sorted(invoices, key=lambda invoice: (invoice.invoiced_on, invoice.customer))


def plan_quotations(today):
    """Decide the quotations that are open today: recent orders of healthy customers that were not confirmed."""
    rng = Random(facts.SEED + 1)  # noqa: S311
    customers = [c for c, (way, *_rest) in facts.CUSTOMERS.items() if way in ('prompt', 'late')]
    return [
        OrderPlan(customer, _workday(today - timedelta(rng.randint(1, 18))), _lines(rng, facts.CUSTOMERS[customer][2]))
        for customer in rng.sample(customers, facts.OPEN_QUOTATIONS)
    ]


def _order_days(rng, today, behaviour, orders):
    first, last = facts.ORDERING.get(behaviour, (facts.DAYS_OF_HISTORY, 1))
    days = [today - timedelta(back) for back in range(first, last - 1, -1)]
    days = [day for day in days if day.weekday() < 5]
    return rng.choices(days, [facts.SEASON[day.month] for day in days], k=orders)


def _lines(rng, basket):
    """Draw one to four products of a basket, each once, at one discount for the whole order."""
    choices, (low, high) = facts.BASKETS[basket]
    discount = rng.choice([0, 0, low, (low + high) // 2, high])
    lines = {}
    for product, _weight, least, most in rng.choices(choices, [c[1] for c in choices], k=rng.randint(1, 4)):
        lines[product] = (product, rng.randint(least, most), discount)
    return list(lines.values())


def _plan_outcome(rng, plan, today, behaviour, term):
    if rng.random() < facts.CANCELLED_SHARE:
        plan.cancelled = True
        return
    done_on = _workday(plan.ordered_on + timedelta(rng.randint(3, 16)))
    if plan.has_goods:
        plan.delivered_on = _until(done_on, today)
        if rng.random() < facts.SPLIT_DELIVERY_SHARE:
            plan.split_delivery = True
            done_on = _workday(done_on + timedelta(rng.randint(8, 20)))
            plan.rest_delivered_on = _until(done_on, today)
    if done_on > today:
        return
    plan.invoiced_on = _until(_workday(done_on + timedelta(rng.randint(0, 3))), today)
    if plan.invoiced_on:
        plan.paid = _plan_payments(rng, plan, today, behaviour, term)


def _plan_payments(rng, plan, today, behaviour, term):
    due_on = plan.invoiced_on + timedelta(term)
    if behaviour == 'insolvent' and due_on > today - timedelta(facts.INSOLVENT_SINCE):
        return []
    mean, spread = facts.DELAYS[behaviour]
    paid_on = _workday(max(due_on + timedelta(round(rng.gauss(mean, spread))), plan.invoiced_on))
    payments = [(paid_on, 1.0)]
    if behaviour in ('late', 'chronic') and rng.random() < facts.SPLIT_PAYMENT_SHARE:
        payments = [(paid_on, 0.5), (_workday(paid_on + timedelta(rng.randint(15, 40))), 1.0)]
    return [(day, share) for day, share in payments if day <= today]


def _mark_exceptions(plans, today):
    """Choose the invoices that are still drafts, and the goods that came back."""
    for plan in [p for p in plans if p.invoiced_on and not p.paid][-facts.DRAFT_INVOICES:]:
        plan.draft_invoice = True
    settled = [
        p for p in plans
        if p.paid and p.delivered_on and not p.split_delivery and p.invoiced_on < today - timedelta(60)
        and p.lines[0][1] > 1 and p.lines[0][0] not in facts.SERVICES + facts.PARTS
    ]
    step = max(len(settled) // facts.RETURNED_ORDERS, 1)
    for plan in settled[step - 1::step][:facts.RETURNED_ORDERS]:
        plan.returned_on = _workday(plan.invoiced_on + timedelta(20))
        plan.paid = []


def _workday(day):
    return day + timedelta(max(7 - day.weekday(), 0) if day.weekday() > 4 else 0)


def _until(day, today):
    return day if day <= today else None
