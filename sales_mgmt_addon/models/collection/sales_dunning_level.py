from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..credit.amounts import check_amounts

CHANNELS = [
    ('mail', "E-mail"),
    ('letter', "Printed letter"),
    ('activity', "Activity for the owner"),
]
DAYS_MIN, DAYS_MAX = -365, 3650
RATE_MAX = 100


class SalesDunningLevel(models.Model):
    """What a company does so many days after, or before, an instalment is due.

    Letters and lines freeze what they need of a level, so that a change bears on later runs only.
    """

    _name = 'sales.dunning.level'
    _description = "Dunning Level"
    _order = 'company_id, days, id'

    name = fields.Char(string="Name", required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, ondelete='cascade',
        default=lambda self: self.env.company.root_id, domain="[('parent_id', '=', False)]")
    currency_id = fields.Many2one(related='company_id.currency_id')
    days = fields.Integer(
        string="Days After Due", required=True, help="Negative: so many days before the instalment is due.")
    channel = fields.Selection(selection=CHANNELS, string="Channel", required=True, default='mail')
    template_id = fields.Many2one(
        comodel_name='mail.template', string="E-mail Template", ondelete='restrict',
        domain="[('model', '=', 'sales.dunning.letter')]",
        help="Subject and frame of the e-mail; the general reminder when empty.")
    text = fields.Html(
        string="Letter Text", translate=True,
        help="In the e-mail and in the letter above the list of the items, in the customer's language.")
    fee = fields.Monetary(string="Fee", help="Per letter, in company currency.")
    interest_rate = fields.Float(
        string="Interest (% per Year)", digits=(16, 4),
        help="Default interest from the due date on, for items that were dunned at this level.")
    stop_supply = fields.Boolean(
        string="Stop Supply", help="New orders and deliveries of the customer wait on hold until the items are paid.")
    attach_invoices = fields.Boolean(string="Attach the Invoices", default=True)

    _days_unique = models.UniqueIndex(
        "(company_id, days) WHERE active", "There is a dunning level for this day already.")

    #=== CONSTRAINT METHODS ===#

    @api.constrains('company_id')
    def _check_root_company(self):
        for level in self:
            if level.company_id.sudo().parent_id:
                raise ValidationError(self.env._(
                    "Branches are dunned with their root company. Choose %(company)s.",
                    company=level.company_id.sudo().root_id.name))

    @api.constrains('days', 'stop_supply')
    def _check_days(self):
        for level in self:
            if not DAYS_MIN <= level.days <= DAYS_MAX:
                raise ValidationError(self.env._(
                    "The days of a dunning level must lie between %(min)s and %(max)s.", min=DAYS_MIN, max=DAYS_MAX))
            if level.stop_supply and level.days < 0:
                raise ValidationError(self.env._(
                    "%(level)s comes before the due date. Supply can be stopped after it only.", level=level.name))

    @api.constrains('interest_rate')
    def _check_interest_rate(self):
        for level in self:
            if level.interest_rate > RATE_MAX:
                raise ValidationError(self.env._("Enter an interest rate of %(max)s %% at most.", max=RATE_MAX))

    @api.constrains('template_id')
    def _check_template(self):
        for level in self:
            if level.template_id and level.template_id.sudo().model != 'sales.dunning.letter':
                raise ValidationError(self.env._(
                    "The e-mail template of %(level)s is not for dunning letters.", level=level.name))

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_amounts(self, vals, ('fee', 'interest_rate'))
        return super().create(vals_list)

    def write(self, vals):
        check_amounts(self, vals, ('fee', 'interest_rate'))
        if 'company_id' in vals and any(level.company_id.id != vals['company_id'] for level in self) and self._is_used():
            raise UserError(self.env._("Letters of this level exist, so it keeps its company. Create another level."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_unused(self):
        if self._is_used():
            raise UserError(self.env._("Letters of this level exist. Archive the level instead of deleting it."))

    def _is_used(self):
        return bool(self.env['sales.dunning.line'].sudo().search_count([('level_id', 'in', self.ids)], limit=1))

    #=== ACTION METHODS ===#

    def action_load_usual_levels(self):
        """Create a reminder before the due date, two afterwards and a final one for the current company.

        :raise UserError: if the company has levels, archived ones included
        :raise AccessError: if the user may not create levels
        :return: True
        """
        self.browse().check_access('create')
        company = self.env.company.root_id
        if self.with_context(active_test=False).search_count([('company_id', '=', company.id)], limit=1):
            raise UserError(self.env._("%(company)s has dunning levels already.", company=company.name))
        self._load_usual_levels(company)
        return True

    def _load_usual_levels(self, company):
        """Create the usual levels of a company, in all installed languages.

        :param company: `res.company`, a root company
        :return: the new levels
        """
        languages = [code for code, _name in self.env['res.lang'].get_installed()]
        levels = self.browse()
        for index, values in enumerate(self._prepare_usual_levels()):
            level = self.with_context(lang='en_US').create({'company_id': company.id, **values})
            for code in languages:
                texts = self.with_context(lang=code)._prepare_usual_levels()[index]
                level.with_context(lang=code).write({'name': texts['name'], 'text': texts['text']})
            levels += level
        return levels

    def _prepare_usual_levels(self):
        def template(name):
            return self.env.ref(f'sales_mgmt_addon.mail_template_dunning_{name}').id

        return [
            {
                'days': -3, 'template_id': template('before'), 'attach_invoices': False,
                'name': self.env._("Reminder before the due date"),
                'text': self.env._(
                    "<p>We would like to remind you that the items below will be due soon. "
                    "If you have arranged the payment already, please ignore this message.</p>"),
            }, {
                'days': 7, 'template_id': template('first'),
                'name': self.env._("First reminder"),
                'text': self.env._(
                    "<p>The items below are overdue. It may have escaped your notice: please pay them within a week, "
                    "or tell us what keeps you from it.</p>"),
            }, {
                'days': 21, 'template_id': template('second'),
                'name': self.env._("Second reminder"),
                'text': self.env._(
                    "<p>In spite of our reminder we have not received your payment of the items below. "
                    "Please pay them at once.</p>"),
            }, {
                'days': 35, 'template_id': template('final'), 'channel': 'letter', 'stop_supply': True,
                'name': self.env._("Final notice"),
                'text': self.env._(
                    "<p>The items below are still open after several reminders. Until they are paid, new orders and "
                    "deliveries wait. Without your payment within ten days we shall take further steps.</p>"),
            },
        ]
