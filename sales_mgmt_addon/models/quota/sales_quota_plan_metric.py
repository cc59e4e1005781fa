from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...internal import grant


class SalesQuotaPlanMetric(models.Model):
    """A metric of a plan, and how much it counts in the overall attainment."""

    _name = 'sales.quota.plan.metric'
    _description = "Metric of a Quota Plan"
    _order = 'sequence, id'
    _rec_name = 'metric_id'

    plan_id = fields.Many2one(
        comodel_name='sales.quota.plan', string="Plan", required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(string="Sequence", default=10)
    metric_id = fields.Many2one(
        comodel_name='sales.metric', string="Metric", required=True, index=True, ondelete='restrict')
    weight = fields.Float(
        string="Weight (%)", default=100.0, digits=(16, 2),
        help="How much the metric counts in the overall attainment; the weights of a plan make 100 %.")
    unit = fields.Char(related='metric_id.unit')

    _metric_unique = models.Constraint('UNIQUE (plan_id, metric_id)', "The plan has this metric already.")

    # === CONSTRAINT METHODS === #

    @api.constrains('weight')
    def _check_weight(self):
        for line in self:
            if not 0 <= line.weight <= 100:
                raise ValidationError(self.env._(
                    "The weight of %(metric)s is a percentage and must lie between 0 and 100.", metric=line.metric_id.name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_draft()
        return lines

    def write(self, vals):
        if vals.keys() - {'sequence'}:
            self._check_draft()
        if 'plan_id' in vals and any(line.plan_id.id != vals['plan_id'] for line in self):
            raise UserError(self.env._("A metric stays with its plan. Add it to the other plan as well."))
        if 'metric_id' in vals and any(line.metric_id.id != vals['metric_id'] for line in self):
            self._check_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_unused(self):
        self._check_draft()
        self._check_unused()

    def unlink(self):
        """Remove metrics from drafts, with their empty cells."""
        self.check_access('unlink')
        self._unlink_if_unused()
        for line in self.sudo():
            cells = self.env['sales.quota.cell'].sudo().search([
                ('plan_id', '=', line.plan_id.id), ('metric_id', '=', line.metric_id.id)])
            grant(cells, 'quota.cell').unlink()
        return super().unlink()

    def _check_draft(self):
        """Refuse to change what was submitted: weights are part of what is approved.

        :raise UserError: with what to do
        """
        for plan in self.plan_id:
            if plan.state != 'draft':
                raise UserError(self.env._(
                    "The metrics of %(plan)s are settled. Set the plan back to draft, or make a revision.",
                    plan=plan.display_name))

    def _check_unused(self):
        """Refuse to remove a metric that has targets.

        :raise UserError: with what to do
        """
        for line in self.sudo():
            used = self.env['sales.quota.cell'].sudo().search([
                ('plan_id', '=', line.plan_id.id), ('metric_id', '=', line.metric_id.id), ('amount', '!=', 0)], limit=1)
            if used:
                raise UserError(self.env._(
                    "%(plan)s has targets for %(metric)s. Set them to 0 before removing it.",
                    plan=line.plan_id.display_name, metric=line.metric_id.name))
