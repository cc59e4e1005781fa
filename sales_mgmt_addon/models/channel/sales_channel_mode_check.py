from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...internal import grant, granted
from .const import MODE_GUARD

CHECK_KINDS = [
    ('stock', "Goods whose owner changes"),
    ('prices', "Prices that no longer count"),
    ('orders', "Open quotations and running orders"),
    ('taxes', "Taxes that do not fit"),
]


class SalesChannelModeCheck(models.Model):
    """One point of the checklist for a switch of mode: what is left of the old one."""

    _name = 'sales.channel.mode.check'
    _description = "Mode Checklist Item"
    _order = 'mode_id, id'
    _rec_name = 'kind'

    mode_id = fields.Many2one(
        comodel_name='sales.channel.mode', string="Mode", required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='mode_id.company_id', store=True, index=True)
    kind = fields.Selection(selection=CHECK_KINDS, string="To Check", required=True, readonly=True)
    count = fields.Integer(string="Found", readonly=True, help="Number of records when the list was last updated.")
    advice = fields.Char(string="What to Do", compute='_compute_advice')
    state = fields.Selection(
        selection=[('open', "Open"), ('done', "Done"), ('waived', "Waived")], string="Status", required=True,
        default='open', readonly=True)
    reason = fields.Char(string="Note", help="How it was settled, or why it can stay. Needed to waive it.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Done By", readonly=True, ondelete='restrict',
        help="Empty where there was nothing to do.")
    done_on = fields.Datetime(string="Done On", readonly=True)

    _unique_kind = models.Constraint('UNIQUE (mode_id, kind)', "The point is on the checklist already.")

    # === COMPUTE METHODS === #

    @api.depends('kind')
    @api.depends_context('lang')
    def _compute_advice(self):
        advice = {
            'stock': self.env._("Sell off, hand over or return the goods, so that no stock is left on the wrong owner."),
            'prices': self.env._("End the pricelist rules or offers that the new mode ignores."),
            'orders': self.env._("Tell the salespeople: quotations follow the new mode, confirmed orders keep the old one."),
            'taxes': self.env._("Give each tax its twin on behalf of sellers, and each product its taxes."),
        }
        for check in self:
            check.advice = advice.get(check.kind)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: the checklist is made by the mode.

        :raise AccessError: for everybody else
        """
        self._check_server(True)
        return super().create(vals_list)

    def write(self, vals):
        """Override to let users note only their reasons, and only while the mode is a draft.

        :raise AccessError: for other fields
        :raise UserError: after the approval
        """
        self._check_server(vals.keys() - {'reason'})
        if not granted(self, MODE_GUARD) and any(check.mode_id.state != 'draft' for check in self):
            raise UserError(self.env._("The mode is approved or cancelled, so its checklist stays as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_by_server(self):
        self._check_server(True)

    def _check_server(self, is_guarded):
        if is_guarded and not granted(self, MODE_GUARD):
            raise AccessError(self.env._("The checklist follows the mode. Mark its points as done or waive them."))

    # === ACTION METHODS === #

    def action_done(self):
        """Mark points as settled.

        :return: True
        :raise AccessError: if the user does not decide on modes
        """
        return self._settle('done')

    def action_waive(self):
        """Leave points as they are, for a reason.

        :return: True
        :raise AccessError: if the user does not decide on modes
        :raise UserError: without a reason
        """
        if any(not (check.reason or '').strip() for check in self):
            raise UserError(self.env._("Write down in the note why the point can stay as it is."))
        return self._settle('waived')

    def action_open_records(self):
        """Open what was found.

        :return: window action
        :raise UserError: if the point does not apply any more
        """
        self.ensure_one()
        self.check_access('read')
        found = self.mode_id.sudo()._get_check_facts().get(self.kind)
        if not found:
            raise UserError(self.env._("The rights were changed and this point no longer applies. Update the checklist."))
        model, domain = found
        return {
            'type': 'ir.actions.act_window',
            'name': dict(self._fields['kind']._description_selection(self.env))[self.kind],
            'res_model': model,
            'views': [(False, 'list'), (False, 'form')],
            'domain': list(domain),
        }

    def _settle(self, state):
        self.mode_id._check_manager()
        self.check_access('read')
        if any(check.mode_id.state != 'draft' for check in self):
            raise UserError(self.env._("The mode is approved or cancelled, so its checklist stays as it is."))
        grant(self.sudo(), MODE_GUARD).write({
            'state': state, 'user_id': self.env.uid, 'done_on': fields.Datetime.now()})
        return True
