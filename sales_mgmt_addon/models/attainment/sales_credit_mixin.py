from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...internal import grant
from .booking import LIVE


class SalesCreditMixin(models.AbstractModel):
    """A document that brings sales credit: an order or an invoice."""

    _name = 'sales.credit.mixin'
    _description = "Sales Credit"

    attainment_is_booked = fields.Boolean(
        string="In the Attainment Book", compute='_compute_attainment_is_booked',
        groups='sales_team.group_sale_salesman')

    #=== COMPUTE METHODS ===#

    @api.depends('state')
    def _compute_attainment_is_booked(self):
        for document in self:
            document.attainment_is_booked = document._origin._attainment_is_booked()

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        if not any(vals.get('credit_split_ids') for vals in vals_list):
            return super().create(vals_list)
        documents = super(SalesCreditMixin, grant(self, 'attainment.split.form')).create(vals_list).with_env(self.env)
        self.env['sales.credit.split']._check_shares(documents)
        return documents

    def write(self, vals):
        if not vals.get('credit_split_ids'):
            return super().write(vals)
        # shares are written one by one and make 100 percent only together
        res = super(SalesCreditMixin, grant(self, 'attainment.split.form')).write(vals)
        self.env['sales.credit.split']._check_shares(self)
        return res

    #=== ACTION METHODS ===#

    def action_open_attainment(self):
        """Open the entries of these documents that the user may see.

        :return: window action
        """
        action = self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_attainment_entry_action')
        action['domain'] = [('res_model', '=', self._name), ('res_id', 'in', self.ids)]
        action['context'] = {}
        return action

    def action_propose_split(self):
        """Open a new proposal to share the booked credit differently.

        :return: window action
        """
        self.ensure_one()
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Change the Split"),
            'res_model': 'sales.credit.split.change',
            'views': [(False, 'form')],
            'context': {'default_order_id' if self._name == 'sale.order' else 'default_move_id': self.id},
        }

    #=== ATTAINMENT ===#

    def _attainment_is_booked(self):
        """Tell whether something is or was booked for one of these documents."""
        return bool(self.ids) and bool(self.env['sales.attainment.entry']._get_booked(self._name, self.ids))

    def _check_overlays(self):
        """Check that nobody gets an overlay on top of a share of his own.

        :raise ValidationError: if somebody does
        """
        for document in self.sudo():
            shares = document.credit_split_ids
            overlays = shares.filtered('is_overlay').user_id
            own = (shares.filtered(lambda share: not share.is_overlay).user_id
                   or self.env['res.users'].browse(document._prepare_default_share()['user_id']))
            self._refuse_overlays(overlays & own)

    @api.model
    def _refuse_overlays(self, users):
        if users:
            raise ValidationError(self.env._(
                "%(users)s already has a share in the credit. Overlay shares are for others.",
                users=', '.join(users.sudo().mapped('name'))))

    def _check_attainment_rate(self, rate_name):
        """Check that foreign documents, which the book has in company currency, were converted at all.

        :param str rate_name: field with the rate of a document
        :raise ValidationError: if the currency of a document has no exchange rate
        """
        currencies = self.sudo().filtered(
            lambda document: document.currency_id != document.company_id.currency_id and document[rate_name] == 1.0
        ).currency_id
        if not currencies:
            return
        rated = self.env['res.currency.rate'].sudo()._read_group(
            [('currency_id', 'in', currencies.ids)], aggregates=['currency_id:recordset'])[0][0]
        if missing := currencies - rated:
            raise ValidationError(self.env._(
                "%(currencies)s has no exchange rate. Enter one first.", currencies=', '.join(missing.mapped('name'))))

    def _get_credit_shares(self):
        """Return who has the credit for a document: as booked, else as agreed, else the salesperson.

        :return: dicts with ``user_id``, ``team_id`` (ids or None), ``share`` (percent), ``is_overlay``
        :rtype: list[dict]
        """
        self.ensure_one()
        document = self.sudo()
        rows = self.env.execute_query_dict(SQL(
            """
            SELECT DISTINCT e.user_id, e.team_id, e.share::float AS share, e.is_overlay
              FROM sales_attainment_entry e
             WHERE e.res_model = %s AND e.res_id = %s AND %s
               AND e.metric_id NOT IN (SELECT id FROM sales_metric WHERE source = 'payment')
             ORDER BY e.is_overlay, share DESC
            """, self._name, self.id, LIVE))
        if rows:
            return rows
        shares = [
            {'user_id': split.user_id.id, 'team_id': split.team_id.id, 'share': split.share, 'is_overlay': split.is_overlay}
            for split in document.credit_split_ids
        ]
        if not any(not share['is_overlay'] for share in shares):
            shares.insert(0, document._prepare_default_share())
        return shares

    def _prepare_default_share(self):
        """Return the share of the salesperson if nothing else is agreed. Note: self.ensure_one()"""
        raise NotImplementedError
