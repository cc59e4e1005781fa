import math

from odoo import api, fields, models
from odoo.exceptions import ValidationError

RANGE_FIELDS = ('amount_from', 'amount_to', 'threshold_from', 'threshold_to')


class SalesApprovalRule(models.Model):
    _name = 'sales.approval.rule'
    _description = "Approval Rule"
    _order = 'kind, sequence, id'
    _check_company_auto = True

    name = fields.Char(string="Name", required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(string="Sequence", default=10)
    kind = fields.Selection(
        selection=[
            ('credit', "Credit of an order"),
            ('credit_limit', "Credit limit"),
            ('discount', "Discount"),
        ],
        string="Kind",
        required=True,
        index=True,
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        string="Company",
        index=True,
        ondelete='cascade',
        help="Empty: for all companies. A rule of a company also holds for its branches and comes"
             " before rules for all companies.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Sales Team",
        index=True,
        check_company=True,
        ondelete='cascade',
        help="Empty: for all teams. A rule of a team also holds for the teams below it; the rule of"
             " the nearest team wins.",
    )
    currency_id = fields.Many2one('res.currency', compute='_compute_currency_id')
    amount_from = fields.Float(
        string="Amount From",
        digits=(16, 2),
        help="In company currency; the rule holds from this amount on.",
    )
    amount_to = fields.Float(
        string="Amount Below",
        digits=(16, 2),
        help="In company currency; the rule holds below this amount. 0: no upper bound.",
    )
    threshold_from = fields.Float(
        string="Threshold From",
        digits=(16, 2),
        help="For example the discount in %; the rule holds from this value on.",
    )
    threshold_to = fields.Float(
        string="Threshold Below",
        digits=(16, 2),
        help="For example the discount in %; the rule holds below this value. 0: no upper bound.",
    )
    validity_days = fields.Integer(
        string="Valid for (Days)",
        default=30,
        help="A question nobody answers, and an approval nobody uses, lapses after so many days."
             " 0: never.",
    )
    step_ids = fields.One2many('sales.approval.rule.step', 'rule_id', string="Steps", copy=True)

    _validity_days_positive = models.Constraint(
        'CHECK(validity_days >= 0)',
        "The number of days an approval is valid cannot be negative.",
    )

    # === COMPUTE METHODS === #

    @api.depends('company_id')
    def _compute_currency_id(self):
        for rule in self:
            rule.currency_id = (rule.company_id or self.env.company).currency_id

    # === CONSTRAINT METHODS === #

    @api.constrains(*RANGE_FIELDS)
    def _check_ranges(self):
        for rule in self:
            if any(not math.isfinite(rule[fname]) or rule[fname] < 0 for fname in RANGE_FIELDS):
                raise ValidationError(self.env._(
                    "The bounds of the rule %(rule)s must be numbers that are not negative.",
                    rule=rule.name,
                ))
            for low, high in (RANGE_FIELDS[:2], RANGE_FIELDS[2:]):
                if rule[high] and rule[high] <= rule[low]:
                    raise ValidationError(self.env._(
                        "The range of the rule %(rule)s is empty: it starts at %(low)s and ends below"
                        " %(high)s. Enter a higher upper bound, or 0 for none.",
                        rule=rule.name, low=rule[low], high=rule[high],
                    ))

    @api.constrains('step_ids')
    def _check_step_ids(self):
        for rule in self:
            if not rule.step_ids:
                raise ValidationError(self.env._(
                    "The rule %(rule)s has no step. Add at least one step that says who decides.",
                    rule=rule.name,
                ))

    @api.constrains('active', 'kind', 'company_id', 'team_id', *RANGE_FIELDS)
    def _check_overlap(self):
        """Two rules for the same kind, company and team must never match the same question."""
        self._check_ranges()
        rules = self.filtered('active')
        others = self.sudo().search([
            ('kind', 'in', rules.mapped('kind')),
            ('company_id', 'in', [False, *rules.company_id.ids]),
            ('team_id', 'in', [False, *rules.team_id.ids]),
        ]).grouped(lambda rule: rule._specificity_key())
        for rule in rules:
            for other in others.get(rule._specificity_key(), self.browse()) - rule:
                sample = rule._overlap_sample(other)
                if sample:
                    raise ValidationError(self.env._(
                        "The rules %(rule)s and %(other)s overlap: both match an amount of %(amount)s"
                        " with a threshold of %(threshold)s. Change a range, the team or the company"
                        " of one of them.",
                        rule=rule.name, other=other.name,
                        amount=rule.currency_id.format(sample[0]), threshold=sample[1],
                    ))

    def _specificity_key(self):
        """Return what two rules share when neither of them is more specific than the other."""
        self.ensure_one()
        return (self.kind, self.company_id.id, self.team_id.id)

    def _overlap_sample(self, other):
        """Return an (amount, threshold) that this rule and ``other`` both match, or None."""
        self.ensure_one()
        amount = max(self.amount_from, other.amount_from)
        threshold = max(self.threshold_from, other.threshold_from)
        if self._contains(amount, threshold) and other._contains(amount, threshold):
            return amount, threshold
        return None

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_finite(vals)
        rules = super().create(vals_list)
        # the constraint on the lines is not called for a rule that is created without any
        rules._check_step_ids()
        return rules

    def write(self, vals):
        self._check_finite(vals)
        return super().write(vals)

    def _check_finite(self, vals):
        """Refuse NaN and infinity before rounding fails on them.

        :param dict vals: values of a create or write
        :raise ValidationError: if a bound is not a finite number
        """
        for fname in RANGE_FIELDS:
            try:
                finite = math.isfinite(float(vals.get(fname) or 0.0))
            except (TypeError, ValueError):
                finite = False
            if not finite:
                raise ValidationError(self.env._(
                    "%(field)s must be a finite number.",
                    field=self._fields[fname]._description_string(self.env),
                ))

    # === BUSINESS METHODS === #

    @api.model
    def _match(self, kind, company, team, amount, threshold=0.0):
        """Return the most specific rule for a question.

        A rule of a company (the nearest one in the company tree) comes before rules for all, then the
        rule of the nearest team, then the sequence.

        :param str kind: kind of approval
        :param company: `res.company` record of the subject
        :param team: `crm.team` record of the subject, may be empty
        :param float amount: amount in the currency of ``company``; a negative one counts as 0
        :param float threshold: second measure of the kind, e.g. the discount in %
        :return: a `sales.approval.rule` in sudo mode, empty if none matches
        """
        teams = team._approval_path()
        companies = company.sudo().parent_ids
        rules = self.sudo().with_context(active_test=True).search([
            ('kind', '=', kind),
            ('company_id', 'in', [False, *companies.ids]),
            ('team_id', 'in', [False, *teams.ids]),
        ])
        amount = max(company.currency_id.round(amount), 0.0)
        threshold = max(threshold, 0.0)
        matching = rules.filtered(lambda rule: rule._contains(amount, threshold))
        team_distance = {team_id: index for index, team_id in enumerate(teams.ids)}
        company_distance = {id_: -depth for depth, id_ in enumerate(companies.ids)}

        def rank(rule):
            return (
                company_distance.get(rule.company_id.id, 1),
                team_distance.get(rule.team_id.id, len(teams)),
                rule.sequence,
                rule.id,
            )
        return matching.sorted(rank)[:1]

    def _contains(self, amount, threshold):
        """Tell whether both ranges contain the values: lower bound included, upper bound not."""
        self.ensure_one()
        return (
            self.amount_from <= amount
            and (not self.amount_to or amount < self.amount_to)
            and self.threshold_from <= threshold
            and (not self.threshold_to or threshold < self.threshold_to)
        )
