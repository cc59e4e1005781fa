from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ...internal import grant, granted
from ...server_fields import without_defaults
from ..credit.const import CREDIT_CLASSES
from .sales_receivable_provision import GUARD

# What a user enters of a customer who is assessed on his own; all else is computed
ENTRY_FIELDS = frozenset({'provision_id', 'partner_id', 'rate', 'reason'})
COMPUTED_FIELDS = frozenset({'gross', 'bucket_id', 'bucket_name', 'days_from', 'credit_class', 'loss'})


class SalesReceivableProvisionLine(models.Model):
    """Expected loss of a bucket and class or, with a customer, of what he owes as somebody has judged it."""

    _name = 'sales.receivable.provision.line'
    _description = "Expected Credit Loss Line"
    _order = 'provision_id, days_from, credit_class, id'

    provision_id = fields.Many2one(
        comodel_name='sales.receivable.provision', string="Provision", required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='provision_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    date = fields.Date(related='provision_id.date', store=True)
    state = fields.Selection(related='provision_id.state', store=True)
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", index='btree_not_null', ondelete='restrict',
        help="Assessed on his own, outside of the matrix.")
    # The buckets of a company may change; what was booked stays what it was
    bucket_id = fields.Many2one(
        comodel_name='sales.receivable.bucket', string="Bucket", readonly=True, index='btree_not_null', ondelete='set null')
    bucket_name = fields.Char(string="Ageing Bucket", readonly=True)
    days_from = fields.Integer(string="Days Overdue From", readonly=True, aggregator=None)
    credit_class = fields.Selection(selection=CREDIT_CLASSES, string="Class", readonly=True)
    gross = fields.Monetary(string="Open Amount", readonly=True)
    rate = fields.Float(string="Loss Rate (%)", digits=(16, 4), aggregator=None)
    loss = fields.Monetary(string="Expected Loss", compute='_compute_loss', store=True)
    reason = fields.Char(string="Why", help="What the judgement on this customer rests on.")

    _partner_unique = models.UniqueIndex(
        "(provision_id, partner_id) WHERE partner_id IS NOT NULL", "A customer is assessed once.")

    @api.depends('gross', 'rate', 'provision_id.company_id')
    def _compute_loss(self):
        for line in self:
            loss = line.gross * line.rate / 100
            line.loss = line.currency_id.round(loss) if line.currency_id else loss

    @api.constrains('rate')
    def _check_rate(self):
        if any(not 0 <= line.rate <= 100 for line in self):
            raise ValidationError(self.env._("A loss rate lies between 0 and 100 %."))

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, GUARD):
            self._check_entry(vals_list)
            for vals in vals_list:
                if not vals.get('partner_id'):
                    raise AccessError(self.env._("Enter a customer: all other lines are computed."))
                partner = self.env['res.partner'].browse(vals['partner_id'])
                partner.check_access('read')
                vals['partner_id'] = partner.sudo().commercial_partner_id.id
        lines = super(SalesReceivableProvisionLine, without_defaults(
            self, COMPUTED_FIELDS, GUARD)).create(vals_list).with_env(self.env)
        if not granted(self, GUARD):
            lines.provision_id._check_draft()
        return lines

    def write(self, vals):
        if not granted(self, GUARD):
            self._check_entry([vals])
            self.provision_id._check_draft()
            if vals.keys() & {'partner_id', 'provision_id'} or any(not line.partner_id for line in self):
                raise AccessError(self.env._(
                    "Only rate and reason of a customer's own line can be changed. Change the rates of the matrix instead."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        if not granted(self, GUARD):
            self.provision_id._check_draft()
            grant(self.provision_id.sudo(), GUARD).write({'computed_on': False})

    def _merge(self):
        """Make one line of those of merged customers, with the loss of all of them."""
        if len(self) < 2:
            return
        lines = grant(self, GUARD)
        gross, loss = sum(lines.mapped('gross')), sum(lines.mapped('loss'))
        vals = {
            'gross': gross, 'rate': 100 * loss / gross if gross else max(lines.mapped('rate')), 'loss': loss,
            'reason': '; '.join(filter(None, lines.mapped('reason')))}
        lines[1:].unlink()
        # as it was booked, to the cent: the average rate is rounded
        lines[0].write(vals)
        self.env.flush_all()

    def _check_entry(self, vals_list):
        if any(vals.keys() - ENTRY_FIELDS for vals in vals_list):
            raise AccessError(self.env._("The figures of a provision are computed, not entered by hand."))
