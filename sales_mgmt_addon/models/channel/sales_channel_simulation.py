from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount

from ...internal import grant
from ...server_fields import check_server_fields, without_defaults
from .const import PRESETS, RIGHT_NAMES, SIMULATION_GUARD
from .sales_simulation_figures import FIGURES
from .simulation_sql import SOURCES, simulation_sql

SERVER_FIELDS = frozenset({*FIGURES, 'run_on', 'advice'})
# What the figures were found for
ASSUMPTIONS = frozenset({
    *RIGHT_NAMES, 'preset', 'company_id', 'category_id', 'channel_id', 'date_from', 'date_to', 'commission_percent',
    'cost_source', 'cost_percent', 'stock_days', 'buyer_days', 'supplier_days', 'seller_days',
})


class SalesChannelSimulation(models.Model):
    """What the orders of a category would have been worth in another mode."""

    _name = 'sales.channel.simulation'
    _description = "Mode Simulation"
    _inherit = ['sales.mode.mixin', 'sales.simulation.figures', 'mail.thread', 'mail.activity.mixin']
    _order = 'id desc'
    _check_company_auto = True

    name = fields.Char(string="Name", compute='_compute_name', store=True, precompute=True, readonly=False, required=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id')
    category_id = fields.Many2one(
        comodel_name='product.category', string="Product Category", required=True, ondelete='restrict',
        help="With the categories below it.")
    channel_id = fields.Many2one(
        comodel_name='sales.channel', string="Channel", check_company=True, ondelete='restrict', help="Empty: all channels.")
    # last calendar year
    date_from = fields.Date(
        string="Orders From", required=True, default=lambda self: fields.Date.subtract(self._get_new_year(), years=1))
    date_to = fields.Date(
        string="Orders Until", required=True, default=lambda self: fields.Date.subtract(self._get_new_year(), days=1))
    preset = fields.Selection(string="New Mode", default='marketplace')

    # Assumptions
    commission_percent = fields.Float(
        string="Commission (%)", digits=(7, 4), default=15.0,
        help="Our share of the price in the new mode. Where we are principal with goods of sellers: what is left of it to us.")
    cost_source = fields.Selection(
        selection=[('product', "Today's Cost of the Products"), ('percent', "Share of the Price")], string="Cost of Own Goods",
        required=True, default='product')
    cost_percent = fields.Float(string="Share of the Price (%)", digits=(7, 4), default=60.0)
    stock_days = fields.Integer(string="Days in Stock", default=45)
    buyer_days = fields.Integer(string="Buyers Pay after (Days)", default=30)
    supplier_days = fields.Integer(string="We Pay Suppliers after (Days)", default=30)
    seller_days = fields.Integer(string="We Pay Sellers after (Days)", default=14)

    # Results
    run_on = fields.Datetime(string="Computed On", readonly=True, copy=False)
    line_ids = fields.One2many(
        comodel_name='sales.channel.simulation.line', inverse_name='simulation_id', string="Products and Months", readonly=True)
    advice = fields.Text(
        string="Facts", readonly=True, copy=False,
        help="On scale, aggregation, experience and market failure: what speaks for selling yourself and what for sellers.")
    rights_text = fields.Char(string="New Mode in Words", compute='_compute_rights_text')
    mode_ids = fields.One2many(
        comodel_name='sales.channel.mode', inverse_name='simulation_id', string="Proposed Modes", readonly=True)

    _check_period = models.Constraint('CHECK (date_to >= date_from)', "The period ends before it begins.")
    _check_assumptions = models.Constraint(
        'CHECK (commission_percent BETWEEN 0 AND 100 AND cost_percent BETWEEN 0 AND 1000'
        ' AND LEAST(stock_days, buyer_days, supplier_days, seller_days) >= 0'
        ' AND GREATEST(stock_days, buyer_days, supplier_days, seller_days) <= 3650)',
        "Enter a commission between 0 and 100 %, a cost of no more than ten times the price, and days between 0 and 3650.")

    # === COMPUTE METHODS === #

    @api.depends('category_id', 'channel_id', 'preset', 'date_from')
    def _compute_name(self):
        presets = dict(self._fields['preset']._description_selection(self.env))
        for simulation in self:
            parts = [simulation.category_id.name, simulation.channel_id.name]
            simulation.name = self.env._(
                "%(subject)s as %(mode)s, %(year)s", subject=" / ".join(part for part in parts if part),
                mode=presets.get(simulation.preset, ''), year=simulation.date_from.year if simulation.date_from else '')

    @api.depends(*RIGHT_NAMES)
    @api.depends_context('lang')
    def _compute_rights_text(self):
        for simulation in self:
            rights = {right: simulation[right] for right in RIGHT_NAMES}
            simulation.rights_text = all(rights.values()) and self._describe_rights(rights)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_server_fields(vals_list)
        simulations = without_defaults(self, SERVER_FIELDS, SIMULATION_GUARD)
        defaults = simulations.default_get(['preset', *RIGHT_NAMES])
        return super(SalesChannelSimulation, simulations).create(
            [{**vals, **self._prepare_rights({**defaults, **vals})} for vals in vals_list]).with_env(self.env)

    def write(self, vals):
        """Override to forget figures whose assumptions change, unless they are the evidence of a mode.

        :raise UserError: if a mode rests on them
        :raise AccessError: if a client writes figures
        """
        self._check_server_fields([vals])
        changed = vals.keys() & ASSUMPTIONS
        if not changed:
            return super().write(vals)
        if used := self.filtered(lambda simulation: simulation.sudo().mode_ids)[:1]:
            raise UserError(self.env._(
                "%s is the evidence of a mode and stays as it is. Duplicate it to try something else.", used.name))
        if 'preset' in vals and not vals.keys() & set(RIGHT_NAMES):
            vals = {**vals, **PRESETS.get(vals['preset'], {})}
        res = super().write(vals)
        for simulation in self.filtered(lambda simulation: simulation.preset != 'custom'):
            rights = {right: simulation[right] for right in RIGHT_NAMES}
            preset = self._get_preset(rights, simulation.preset)
            if preset != simulation.preset:
                super(SalesChannelSimulation, simulation).write({'preset': preset})
        self._clear()
        return res

    def copy_data(self, default=None):
        """Override: a copy has the assumptions only."""
        return [
            {name: value for name, value in vals.items() if name not in SERVER_FIELDS}
            for vals in super().copy_data(default)]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if any(simulation.sudo().mode_ids for simulation in self):
            raise UserError(self.env._("A simulation that is the evidence of a mode cannot be deleted."))

    def _check_server_fields(self, vals_list):
        check_server_fields(self, vals_list, SERVER_FIELDS, SIMULATION_GUARD, self.env._(
            "The figures of a simulation come from orders. Run it instead."))

    # === ACTION METHODS === #

    def action_run(self):
        """Compute the figures from the confirmed orders of the period.

        :return: True
        :raise AccessError: if the user may not edit the simulation
        :raise UserError: if a mode rests on its figures
        """
        self.check_access('write')
        for simulation in self:
            if simulation.sudo().mode_ids:
                raise UserError(self.env._(
                    "%s is the evidence of a mode and stays as it is. Duplicate it to try something else.", simulation.name))
            simulation._clear()
            simulation._run()
        return True

    def action_open_lines(self):
        """Open the figures by product and month.

        :return: window action
        """
        self.ensure_one()
        self.check_access('read')
        return {
            **self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_channel_simulation_line_action'),
            'domain': [('simulation_id', '=', self.id)],
        }

    def action_propose_mode(self):
        """Make a draft of a mode version for the category, with the simulation as evidence.

        :return: window action on the draft
        :raise UserError: if there are no figures yet
        :raise AccessError: if the user may not make modes
        """
        self.ensure_one()
        self.check_access('read')
        if not self.run_on:
            raise UserError(self.env._("Run the simulation first: a proposal rests on figures."))
        mode = self.env['sales.channel.mode'].create(self._prepare_mode())
        mode.message_post(body=self.env._("Proposed on the figures of the simulation %s.", self.name))
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'sales.channel.mode',
            'res_id': mode.id,
            'views': [(False, 'form')],
        }

    # === BUSINESS METHODS === #

    def _get_new_year(self):
        return fields.Date.start_of(fields.Date.context_today(self), 'year')

    def _prepare_mode(self):
        """Return the values of the proposed mode version.

        :rtype: dict
        """
        def money(name):
            return format_amount(self.env, self[name], self.currency_id)

        return {
            'company_id': self.company_id.id,
            'category_id': self.category_id.id,
            'channel_id': self.channel_id.id,
            'preset': self.preset,
            **{right: self[right] for right in RIGHT_NAMES},
            'date_from': fields.Date.add(fields.Date.context_today(self), days=1),
            'simulation_id': self.id,
            'reason': self.env._(
                "Simulation %(name)s: revenue %(now_revenue)s → %(new_revenue)s, margin %(now_margin)s → %(new_margin)s, "
                "working capital %(now_capital)s → %(new_capital)s.",
                name=self.name, now_revenue=money('now_revenue'), new_revenue=money('new_revenue'),
                now_margin=money('now_margin'), new_margin=money('new_margin'), now_capital=money('now_working_capital'),
                new_capital=money('new_working_capital')),
        }

    def _clear(self):
        """Forget the figures."""
        simulations = grant(self.sudo(), SIMULATION_GUARD)
        simulations.line_ids.unlink()
        simulations.write({**dict.fromkeys(FIGURES, 0.0), 'run_on': False, 'advice': False})

    def _run(self):
        """Compute the figures in one statement. Note: self.ensure_one()"""
        self.ensure_one()
        simulation = grant(self.sudo(), SIMULATION_GUARD)
        self.flush_recordset()
        for model, names in SOURCES.items():
            self.env[model].flush_model(names)
        Product = self.env['product.product'].with_company(self.company_id)
        default = Product._fields['standard_price'].get_company_dependent_fallback(Product) or 0.0
        columns = SQL(", ").join(map(SQL.identifier, FIGURES))
        self.env.cr.execute(SQL(
            """
            INSERT INTO sales_channel_simulation_line (
                simulation_id, company_id, currency_id, create_uid, write_uid, create_date, write_date,
                product_id, month, quantity, %(columns)s)
            SELECT %(simulation)s, %(company)s, %(currency)s, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC',
                   now() AT TIME ZONE 'UTC', s.*
              FROM (%(figures)s) s
            """,
            columns=columns, simulation=self.id, company=self.company_id.id, currency=self.currency_id.id, uid=self.env.uid,
            figures=simulation_sql(simulation, default)))
        simulation.invalidate_recordset(['line_ids'])
        (sums,) = simulation.line_ids._read_group(
            [('simulation_id', '=', self.id)], [], [f'{name}:sum' for name in FIGURES])
        simulation.write({
            **dict(zip(FIGURES, (value or 0.0 for value in sums), strict=True)), 'run_on': fields.Datetime.now()})
        simulation.advice = "\n".join(simulation._get_advice()) or False

    def _get_advice(self):
        """Return facts that speak for or against selling the goods ourselves.

        Resale suits what sells fast and in bulk, sellers suit the long tail; see Hagiu and Wright, "Do You Really Want
        to Be an eBay?" (Harvard Business Review, 2013).

        :rtype: list[str]
        """
        products = self.line_ids._read_group(
            [('simulation_id', '=', self.id)], ['product_id'], ['gross:sum', 'month:count_distinct'])
        total = sum(gross for _product, gross, _months in products)
        if not products or total <= 0:
            return [self.env._("No confirmed orders in the period.")]
        reached, heads = 0.0, 0
        for _product, gross, _months in sorted(products, key=lambda row: -row[1]):
            if reached >= 0.8 * total:
                break
            reached, heads = reached + gross, heads + 1
        months = (self.date_to.year - self.date_from.year) * 12 + self.date_to.month - self.date_from.month + 1
        slow = sum(1 for _product, _gross, sold in products if sold * 2 <= months)
        lost = len([1 for product, *_rest in products if not product.active or not product.sale_ok])
        return [
            self.env._("Scale: %(heads)s of %(all)s products make 80 %% of the sales. Fast movers pay for their own stock.",
                       heads=heads, all=len(products)),
            self.env._("Aggregation: %(slow)s of %(all)s products sold in half of the months or fewer. "
                       "Sellers carry such a tail cheaper.", slow=slow, all=len(products)),
            self.env._("Experience: %(share).1f %% of the sales were credited. Who ships decides what buyers go through.",
                       share=100 * self.returned / self.gross),
            self.env._("Market failure: %(lost)s of %(all)s products are no longer sold. Goods that sellers may drop need an "
                       "owner who guarantees supply.", lost=lost, all=len(products)),
        ]
