import math

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ...internal import grant, granted
from .const import AMOUNT_MAX, DECISION_VALID_DAYS, POLICIES, SCOPES, VERDICTS


class SalesCreditDecision(models.Model):
    """Who gave or refused credit, for what, on which facts. Rows are added and never changed."""

    _name = 'sales.credit.decision'
    _description = "Credit Decision"
    _order = 'decided_on desc, id desc'
    _rec_name = 'document_name'

    profile_id = fields.Many2one(
        comodel_name='sales.credit.profile', string="Credit Profile", required=True, readonly=True, index=True,
        ondelete='restrict')
    partner_id = fields.Many2one(
        related='profile_id.partner_id', string="Customer", store=True, index=True)
    company_id = fields.Many2one(related='profile_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    request_id = fields.Many2one(
        comodel_name='sales.approval.request', string="Approval", readonly=True, ondelete='restrict',
        index='btree_not_null')
    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document ID", model_field='res_model', required=True, readonly=True)
    document_name = fields.Char(string="Document", readonly=True)
    verdict = fields.Selection(selection=VERDICTS, string="Verdict", required=True, readonly=True)
    codes = fields.Char(string="Reasons", readonly=True)
    reason = fields.Text(string="Remark", readonly=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Decided By", required=True, readonly=True, index=True, ondelete='restrict')
    decided_on = fields.Datetime(
        string="Decided On", required=True, readonly=True, default=fields.Datetime.now)

    # What was known
    facts = fields.Json(string="Facts", readonly=True)
    policy = fields.Selection(selection=POLICIES, string="Policy", readonly=True)
    amount = fields.Monetary(string="Document Value", readonly=True)
    limit_amount = fields.Monetary(string="Limit at the Time", readonly=True)
    exposure_before = fields.Monetary(string="Exposure Before", readonly=True)
    exposure_after = fields.Monetary(
        string="Exposure After", readonly=True,
        help="Deliveries pass up to this exposure while the decision is valid.")

    # What was decided
    scope = fields.Selection(selection=SCOPES, string="Holds For", required=True, readonly=True, default='once')
    scope_date = fields.Date(string="Until", readonly=True)
    scope_amount = fields.Monetary(string="Up to an Exposure of", readonly=True)
    valid_until = fields.Date(string="Valid Until", required=True, readonly=True)

    # How good it was
    forecast_payment_date = fields.Date(string="Expected Payment", readonly=True)
    actual_payment_date = fields.Date(
        string="Paid On", compute='_compute_actual_payment', help="The day the last invoice of the order was settled.")
    forecast_error_days = fields.Integer(
        string="Days After the Forecast", compute='_compute_actual_payment',
        help="Until today as long as the order is not paid; negative when it was paid earlier.")

    _document_idx = models.Index("(res_model, res_id)")
    _valid_idx = models.Index("(profile_id, valid_until) WHERE verdict = 'approve'")

    #=== COMPUTE METHODS ===#

    @api.depends('res_model', 'res_id', 'forecast_payment_date')
    def _compute_actual_payment(self):
        today = fields.Date.context_today(self)
        paid_on = self._get_payment_dates()
        for decision in self:
            paid = paid_on.get(decision.res_id) if decision.res_model == 'sale.order' else False
            decision.actual_payment_date = paid or False
            forecast = decision.forecast_payment_date
            end = paid or (today if forecast and forecast < today else forecast)
            decision.forecast_error_days = (end - forecast).days if forecast else 0

    def _get_payment_dates(self):
        """Return when the orders were paid, for those that are invoiced and paid in full.

        :return: date per sale order id
        :rtype: dict[int, date]
        """
        order_ids = self.filtered(lambda d: d.res_model == 'sale.order').mapped('res_id')
        if not order_ids:
            return {}
        for name in ('sale.order', 'account.move', 'account.move.line', 'account.partial.reconcile'):
            self.env[name].flush_model()
        return dict(self.env.execute_query(SQL(
            """
            WITH invoices AS (
                SELECT DISTINCT so.id AS order_id, l.move_id
                  FROM sale_order so
                  JOIN sale_order_line sl ON sl.order_id = so.id
                  JOIN sale_order_line_invoice_rel r ON r.order_line_id = sl.id
                  JOIN account_move_line l ON l.id = r.invoice_line_id
                  JOIN account_move m ON m.id = l.move_id AND m.state <> 'cancel'
                 WHERE so.id = ANY(%s) AND so.invoice_status IN ('invoiced', 'upselling')
            )
            SELECT i.order_id, MAX(p.max_date)
              FROM invoices i
              JOIN account_move_line l ON l.move_id = i.move_id
              JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
              LEFT JOIN account_partial_reconcile p ON l.id IN (p.debit_move_id, p.credit_move_id)
             GROUP BY i.order_id
            HAVING bool_and(l.reconciled IS TRUE AND l.parent_state = 'posted')
            """, order_ids)))

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, 'credit.decision'):
            raise AccessError(self.env._("Credit decisions are recorded by deciding a request, not by hand."))
        return super().create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("A credit decision is evidence and cannot be changed. Decide anew instead."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A credit decision is evidence and cannot be deleted."))

    #=== ACTION METHODS ===#

    def action_open_document(self):
        """Open the document that was decided on.

        :raise UserError: if it does not exist any more
        :return: window action
        """
        self.ensure_one()
        if self.res_model not in self.env or not self.env[self.res_model].browse(self.res_id).exists():
            raise UserError(self.env._("%(document)s does not exist any more.", document=self.document_name))
        return {
            'type': 'ir.actions.act_window',
            'res_model': self.res_model,
            'res_id': self.res_id,
            'views': [(False, 'form')],
        }

    #=== BUSINESS METHODS ===#

    @api.model
    def _record(self, vals):
        """Add a decision.

        :param dict vals: values of the fields
        :return: the sudoed decision
        """
        return grant(self.sudo(), 'credit.decision').create(vals).with_env(self.sudo().env)

    @api.model
    def _prepare_conditions(self, payload, profile):
        """Return the values for what an approver attached to his decision.

        :param dict payload: ``scope``, ``scope_date``, ``scope_amount``, ``forecast_payment_date``;
            each may be missing
        :param profile: the `sales.credit.profile`
        :raise ValidationError: if a condition makes no sense
        """
        conditions = self._check_conditions(payload)
        return {
            **conditions,
            'scope_amount': profile.currency_id.round(conditions['scope_amount']),
            'valid_until': conditions['scope_date'] or fields.Date.add(
                fields.Date.context_today(self), days=DECISION_VALID_DAYS),
        }

    @api.model
    def _check_conditions(self, payload):
        """Return the conditions of a decision in clean form.

        :param dict payload: as for :meth:`_prepare_conditions`
        :raise ValidationError: if a condition makes no sense
        :rtype: dict
        """
        scope = payload.get('scope') or 'once'
        if scope not in dict(SCOPES):
            raise ValidationError(self.env._("Unknown scope of a credit decision: %(scope)s", scope=scope))
        scope_date = fields.Date.to_date(payload.get('scope_date')) if scope != 'once' else None
        scope_amount = payload.get('scope_amount') or 0.0 if scope == 'up_to_amount' else 0.0
        if scope == 'until_date' and not scope_date:
            raise ValidationError(self.env._("Say until which date the decision holds."))
        if scope_date and scope_date < fields.Date.context_today(self):
            raise ValidationError(self.env._("The decision cannot end in the past."))
        if scope == 'up_to_amount' and not (
            isinstance(scope_amount, (int, float)) and math.isfinite(scope_amount) and 0 < scope_amount <= AMOUNT_MAX
        ):
            raise ValidationError(self.env._("Say up to which exposure the decision holds."))
        return {
            'scope': scope,
            'scope_date': scope_date or False,
            'scope_amount': scope_amount,
            'forecast_payment_date': fields.Date.to_date(payload.get('forecast_payment_date')) or False,
        }

    @api.model
    def _get_valid(self, profiles):
        """Return the approving decisions that still hold, in one query.

        :param profiles: `sales.credit.profile` records
        :return: decisions per profile id
        :rtype: dict
        """
        if not profiles.ids:
            return {}
        decisions = self.search_fetch([
            ('profile_id', 'in', profiles.ids),
            ('verdict', '=', 'approve'),
            ('valid_until', '>=', fields.Date.context_today(self)),
        ])
        return {profile.id: found for profile, found in decisions.grouped('profile_id').items()}
