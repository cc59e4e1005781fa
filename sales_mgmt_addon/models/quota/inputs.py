"""Checks of what comes in from outside."""

import math

from odoo.exceptions import ValidationError


def check_numbers(records, vals_list):
    """Refuse figures that are no numbers: a client can send NaN and infinity.

    :param records: records of the model the values are for
    :param list vals_list: dicts of values
    :raise ValidationError: if a figure is not finite or no number at all
    """
    for vals in vals_list:
        for name, value in vals.items():
            field = records._fields.get(name)
            if field is not None and field.type in ('float', 'monetary') and value:
                try:
                    is_number = math.isfinite(float(value))
                except (TypeError, ValueError, OverflowError):
                    is_number = False
                if not is_number:
                    raise ValidationError(records.env._(
                        "“%(field)s” must be a number.", field=field._description_string(records.env)))


def check_id(records, value):
    """Return an id that a client sent, or None if there is none.

    :param records: any recordset, for the language
    :param value: what was sent
    :rtype: int | None
    :raise ValidationError: if it is no whole number
    """
    if value is None or value is False:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationError(records.env._("“%(value)s” is no record. Reload the page and choose one.", value=value))
    return value


def check_text(records, value):
    """Return a text that a client sent, without blanks around it, or None if there is none.

    :param records: any recordset, for the language
    :param value: what was sent
    :rtype: str | None
    :raise ValidationError: if it is no text
    """
    if value and not isinstance(value, str):
        raise ValidationError(records.env._("Enter the reason as text."))
    return (value or '').strip() or None
