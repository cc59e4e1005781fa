"""Amounts that come from outside."""

import math

from odoo.exceptions import ValidationError

from .const import AMOUNT_MAX


def check_amounts(model, vals, names):
    """Refuse amounts that are no usable numbers, before the ORM tries to round them.

    :param model: a model, for its fields and language
    :param dict vals: values to be written
    :param names: the fields that hold amounts or counts
    :raise ValidationError: infinite, NaN, negative or absurdly large
    """
    for name in names:
        value = vals.get(name)
        if isinstance(value, (int, float)) and not (math.isfinite(value) and 0 <= value <= AMOUNT_MAX):
            raise ValidationError(model.env._(
                "%(field)s must be a number between 0 and %(max)s.",
                field=model._fields[name]._description_string(model.env), max=f"{AMOUNT_MAX:,.0f}"))
