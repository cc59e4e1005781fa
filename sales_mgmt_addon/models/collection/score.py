"""The order of the worklist: how much money a contact may bring in today.

    score  = amount × chance
    amount = overdue money that is neither disputed nor covered by a running promise, less receipts and credit notes
             that wait to be applied; never negative
    chance = product of the factors below, each between 0 and 1

====================  ==================================================================================
age                   days overdue, weighted by amount: fresh items mostly pay themselves, old ones rarely
broken promises       of the last 12 months
class                 credit class of the customer
last contact          who was reached a moment ago needs time to pay
success               share of contacts of this kind after which money came within 14 days, of this customer,
                      drawn towards the average of the company the fewer contacts there are
====================  ==================================================================================

Pure functions on plain values: no records, no database.
"""

import math

AGE = [(7, 0.7), (30, 1.0), (60, 0.8), (90, 0.6), (180, 0.4), (math.inf, 0.2)]
BROKEN = [(0, 1.0), (1, 0.85), (2, 0.7), (math.inf, 0.5)]
CREDIT_CLASS = {'A': 1.0, 'B': 0.95, 'C': 0.9, 'D': 0.75, 'E': 0.5}
IDLE = [(2, 0.3), (6, 0.6), (13, 0.9), (math.inf, 1.0)]
# An average without any experience, and how many contacts it is worth
PRIOR_RATE = 0.5
PRIOR_CONTACTS = 10
CUSTOMER_CONTACTS = 5


def collectable(due, unapplied):
    """Return the money that a contact can bring: ``due`` less what the customer has paid already, not below 0."""
    return max(due - unapplied, 0.0)


def success_rate(paid, contacts, company_paid=0, company_contacts=0):
    """Return the expected share of contacts that bring money.

    :param int paid: contacts with this customer after which money came
    :param int contacts: contacts with this customer
    :param int company_paid: the same of all customers
    :param int company_contacts: the same of all customers
    :return: between 0 and 1
    :rtype: float
    """
    average = (company_paid + PRIOR_RATE * PRIOR_CONTACTS) / (company_contacts + PRIOR_CONTACTS)
    return (paid + average * CUSTOMER_CONTACTS) / (contacts + CUSTOMER_CONTACTS)


def score(due, unapplied=0.0, days=0.0, broken=0, credit_class=None, idle=None, rate=PRIOR_RATE):
    """Return the score of a case and how it comes about.

    :param float due: overdue money, neither disputed nor promised, company currency
    :param float unapplied: receipts and credit notes that wait to be applied, positive
    :param float days: average days overdue, weighted by amount
    :param int broken: broken promises
    :param str credit_class: ``'A'`` to ``'E'`` or nothing
    :param int idle: days since the customer was reached; ``None``: never
    :param float rate: of :func:`success_rate`
    :return: ``{'score', 'amount', 'unapplied', 'chance', 'factors'}``, the factors as
        ``[code, value, factor]``; codes `age`, `broken`, `class`, `idle`, `success`
    :rtype: dict
    """
    factors = [['age', round(days), _step(AGE, days)]]
    if broken:
        factors.append(['broken', broken, _step(BROKEN, broken)])
    if credit_class in CREDIT_CLASS:
        factors.append(['class', credit_class, CREDIT_CLASS[credit_class]])
    if idle is not None:
        factors.append(['idle', idle, _step(IDLE, idle)])
    factors.append(['success', round(100 * rate), round(rate, 2)])
    chance = round(math.prod(factor for _code, _value, factor in factors), 4)
    amount = collectable(due, unapplied)
    return {
        'score': round(amount * chance, 2),
        'amount': round(amount, 2),
        'unapplied': round(unapplied, 2),
        'chance': chance,
        'factors': factors,
    }


def _step(table, value):
    return next(factor for limit, factor in table if value <= limit)
