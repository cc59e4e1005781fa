"""Fields that only the server writes: refused in values, and their defaults taken out of a client's context."""

from odoo.exceptions import AccessError

from .internal import granted


def check_server_fields(records, vals_list, names, guard, message):
    """Refuse values of fields that only the server writes.

    :param records: records of the model, whose context may carry the permission ``guard``
    :param list vals_list: values to create or write
    :param names: names of the fields
    :param str guard: permission of the server, see :mod:`.internal`
    :param str message: what the user is told
    :raise AccessError: without the permission
    """
    if not granted(records, guard) and any(names & vals.keys() for vals in vals_list):
        raise AccessError(message)


def without_defaults(records, names, guard):
    """Return ``records`` without defaults of these fields in the context, unless the server has put them there."""
    if granted(records, guard):
        return records
    keys = {f'default_{name}' for name in names}
    if not keys & records.env.context.keys():
        return records
    return records.with_context({key: value for key, value in records.env.context.items() if key not in keys})
