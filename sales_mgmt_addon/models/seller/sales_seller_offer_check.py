from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...internal import grant, granted
from ..channel.const import OFFER_GUARD
from .const import MANAGER_GROUP


class SalesSellerOfferCheck(models.Model):
    """One point of the quality list of an offer: found out by the system, or ticked by a person."""

    _name = 'sales.seller.offer.check'
    _description = "Offer Check"
    _order = 'offer_id, sequence, id'
    _rec_name = 'type_id'

    offer_id = fields.Many2one(
        comodel_name='sales.seller.offer', string="Offer", required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='offer_id.company_id', store=True, index=True)
    type_id = fields.Many2one(
        comodel_name='sales.seller.offer.check.type', string="Check", required=True, readonly=True, index=True,
        ondelete='restrict')
    sequence = fields.Integer(related='type_id.sequence', store=True)
    fact = fields.Selection(related='type_id.fact')
    weight = fields.Integer(related='type_id.weight')
    required = fields.Boolean(related='type_id.required')
    passed = fields.Boolean(string="Passed", readonly=True)
    checked_by_id = fields.Many2one(
        comodel_name='res.users', string="Checked By", readonly=True, ondelete='restrict')

    _unique_type = models.Constraint('UNIQUE (offer_id, type_id)', "The offer has this check already.")

    @api.model_create_multi
    def create(self, vals_list):
        self._check_guard()
        return super().create(vals_list)

    def write(self, vals):
        self._check_guard()
        return super().write(vals)

    def unlink(self):
        self._check_guard()
        return super().unlink()

    def action_toggle(self):
        """Tick manual checks, or take the tick back.

        :return: True
        :raise AccessError: if the user is no channel manager
        :raise UserError: if the system finds out the check by itself
        """
        if not (self.env.su or self.env.user.has_group(MANAGER_GROUP)):
            raise AccessError(self.env._("Only channel managers check the quality of offers."))
        self.check_access('read')
        for check in self:
            if check.fact != 'manual':
                raise UserError(self.env._("%s is found out by the system.", check.type_id.name))
            grant(check.sudo(), OFFER_GUARD, only_these=True).write(
                {'passed': not check.passed, 'checked_by_id': self.env.uid})
        self.offer_id._refresh_quality()
        return True

    def _check_guard(self):
        if not granted(self, OFFER_GUARD):
            raise AccessError(self.env._("The quality list of an offer is filled by the system and with its buttons."))
