"""Steps that need a reason: asked for by a dialog, or given by whoever calls."""

from odoo.exceptions import UserError


def clean_reason(records, reason):
    """Return a reason without blanks around it.

    :param records: any recordset, for the language of the message
    :param reason: what the user entered
    :raise UserError: if it is no text, or blank
    """
    reason = reason.strip() if isinstance(reason, str) else ''
    if not reason:
        raise UserError(records.env._("Enter the reason."))
    return reason


def ask_reason(records, method, title):
    """Return the window action of the dialog that asks for a reason and then calls a method of the records with it.

    :param records: what the step is about
    :param str method: one of ``METHODS`` of the dialog
    :param str title: title of the dialog
    """
    return {
        'type': 'ir.actions.act_window',
        'name': title,
        'res_model': 'sales.seller.reason',
        'views': [(False, 'form')],
        'target': 'new',
        'context': {
            'default_res_model': records._name, 'default_res_ids': ','.join(map(str, records.ids)), 'default_method': method},
    }
