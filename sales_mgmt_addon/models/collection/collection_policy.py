from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..credit.amounts import check_amounts
from .const import POLICY_DAYS_MAX

AMOUNT_FIELDS = ('collection_min_amount',)
DAYS_FIELDS = ('collection_open_days', 'collection_promise_grace_days')
COLLECTOR_GROUPS = ('sales_mgmt_addon.group_credit_controller', 'sales_team.group_sale_salesman')


class ResCompany(models.Model):
    """When a company begins to run after its money, and who does it; branches follow their root company."""

    _inherit = 'res.company'

    collection_open_days = fields.Integer(
        groups='base.group_user', string="Open a Case After (Days)", default=3,
        help="A collection case opens when an item is overdue for more days than this.")
    collection_min_amount = fields.Monetary(
        groups='base.group_user', string="Smallest Amount of a Case",
        help="No case opens as long as what is overdue beyond these days is less.")
    collection_owner = fields.Selection(
        groups='base.group_user', selection=[
            ('salesperson', "Salesperson of the customer"),
            ('collector', "Collector"),
        ],
        string="Owner of New Cases", default='salesperson', required=True)
    collection_collector_id = fields.Many2one(
        groups='base.group_user',
        comodel_name='res.users', string="Collector", ondelete='restrict', domain="[('share', '=', False)]",
        help="Owner of the cases by policy, or of those of customers without a salesperson.")
    collection_promise_grace_days = fields.Integer(
        groups='base.group_user', string="Grace Days of Promises", default=2,
        help="Money that comes so many days after the promised day still counts: banks take their time.")

    @api.constrains(*DAYS_FIELDS)
    def _check_collection_days(self):
        for company in self:
            for name in DAYS_FIELDS:
                if not 0 <= company[name] <= POLICY_DAYS_MAX:
                    raise ValidationError(self.env._(
                        "%(field)s must lie between 0 and %(max)s.",
                        field=self._fields[name]._description_string(self.env), max=POLICY_DAYS_MAX))

    @api.constrains('collection_collector_id')
    def _check_collection_collector(self):
        for user in self.collection_collector_id:
            if not any(user.has_group(group) for group in COLLECTOR_GROUPS):
                raise ValidationError(self.env._(
                    "%(user)s cannot work collection cases. Make the collector a credit controller or a salesperson "
                    "first.", user=user.name))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_amounts(self, vals, AMOUNT_FIELDS)
        return super().create(vals_list)

    def write(self, vals):
        check_amounts(self, vals, AMOUNT_FIELDS)
        return super().write(vals)
