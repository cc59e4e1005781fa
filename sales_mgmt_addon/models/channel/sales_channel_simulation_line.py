from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...internal import granted
from .const import SIMULATION_GUARD


class SalesChannelSimulationLine(models.Model):
    """Figures of a product in a month; written by the simulation only."""

    _name = 'sales.channel.simulation.line'
    _description = "Mode Simulation Line"
    _inherit = ['sales.simulation.figures']
    _order = 'month, product_id, id'
    _rec_name = 'product_id'

    simulation_id = fields.Many2one(
        comodel_name='sales.channel.simulation', string="Simulation", required=True, readonly=True, index=True,
        ondelete='cascade')
    company_id = fields.Many2one(comodel_name='res.company', string="Company", required=True, readonly=True)
    product_id = fields.Many2one(
        comodel_name='product.product', string="Product", required=True, readonly=True, ondelete='cascade')
    month = fields.Date(string="Month", required=True, readonly=True, help="First day of the month of the orders.")
    quantity = fields.Float(
        string="Quantity", digits='Product Unit', readonly=True, help="Ordered, in the unit of the product.")

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Override: figures come from one statement.

        :raise AccessError: always
        """
        raise AccessError(self.env._("The figures of a simulation come from orders. Run it instead."))

    def write(self, vals):  # pylint: disable=method-required-super
        """Override: figures never change.

        :raise AccessError: always
        """
        raise AccessError(self.env._("The figures of a simulation come from orders. Run it instead."))

    @api.ondelete(at_uninstall=False)
    def _unlink_by_simulation(self):
        if not granted(self, SIMULATION_GUARD):
            raise AccessError(self.env._("The figures of a simulation come from orders. Run it instead."))

    # === ACTION METHODS === #

    def action_open_order_lines(self):
        """Open the order lines behind the figures.

        :return: window action
        """
        self.ensure_one()
        self.check_access('read')
        simulation = self.simulation_id
        first, last = self._get_bounds()
        domain = [
            ('product_id', '=', self.product_id.id), ('company_id', '=', self.company_id.id), ('state', '=', 'sale'),
            ('display_type', '=', False), ('is_downpayment', '=', False),
            ('order_id.date_order', '>=', first), ('order_id.date_order', '<=', last),
        ]
        if simulation.channel_id:
            domain.append(('order_id.channel_id', 'child_of', simulation.channel_id.id))
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("%(product)s in %(month)s", product=self.product_id.display_name, month=f'{self.month:%Y-%m}'),
            'res_model': 'sale.order.line',
            'views': [(self.env.ref('sale.view_order_line_tree').id, 'list'), (False, 'form')],
            'domain': domain,
        }

    def _get_bounds(self):
        """Return the first and the last moment of the month within the period, in the time zone of the company.

        :rtype: tuple[str]
        """
        simulation, company = self.simulation_id, self.company_id.sudo()
        tz = pytz.timezone(company.partner_id.tz or company.resource_calendar_id.tz or 'UTC')
        last = fields.Date.end_of(self.month, 'month')
        days = max(self.month, simulation.date_from), min(last, simulation.date_to)
        return tuple(
            fields.Datetime.to_string(tz.localize(datetime.combine(day, moment)).astimezone(pytz.utc))
            for day, moment in zip(days, (time.min, time.max), strict=True))
