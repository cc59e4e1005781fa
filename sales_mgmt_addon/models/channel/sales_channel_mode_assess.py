from odoo import api, fields, models

ANSWERS = [('company', "Us"), ('seller', "Seller"), ('unclear', "Unclear")]
INDICATORS = ('primary_responsibility', 'inventory_risk', 'price_discretion')


class SalesChannelMode(models.Model):
    """The file behind a version: three verdicts with their reasons, and the facts they rest on (IFRS 15 B34-B38)."""

    _inherit = 'sales.channel.mode'

    # Verdicts: the rights of these names
    contracting_party_reason = fields.Text(
        string="Why This Contract Party", help="Terms of sale, what the buyer is shown, who answers for the goods.")
    revenue_presentation_reason = fields.Text(
        string="Why Gross or Net", help="Who controls the goods before the buyer gets them, and how the indicators were weighed.")
    tax_supplier_reason = fields.Text(
        string="Why This VAT Supplier", help="The rule of VAT law that makes us or the seller the supplier.")

    # Indicators of IFRS 15 B37; none of them decides alone
    primary_responsibility = fields.Selection(
        selection=ANSWERS, string="Primary Responsibility",
        help="Who answers to the buyer for the goods: that they are delivered and as promised.")
    primary_responsibility_evidence = fields.Char(string="Evidence of Responsibility")
    inventory_risk = fields.Selection(
        selection=ANSWERS, string="Inventory Risk",
        help="Who loses when goods stay unsold, are lost or come back.")
    inventory_risk_evidence = fields.Char(string="Evidence of Inventory Risk")
    price_discretion = fields.Selection(
        selection=ANSWERS, string="Discretion in Pricing", help="Who may set the price for the buyer.")
    price_discretion_evidence = fields.Char(string="Evidence of Price Discretion")

    simulation_id = fields.Many2one(
        comodel_name='sales.channel.simulation', string="Simulation", copy=False, index='btree_not_null', ondelete='restrict',
        check_company=True, help="Figures on which the version was proposed.")
    suggestion = fields.Selection(
        selection=[('principal', "Principal (gross)"), ('agent', "Agent (net)"), ('judgement', "Judgement needed")],
        string="What the Rights Suggest", compute='_compute_suggestion')
    warning_text = fields.Text(
        string="To Be Judged", compute='_compute_suggestion',
        help="What does not fit together. Somebody else than the author has to approve it.")
    rights_text = fields.Char(string="Rights in Words", compute='_compute_rights_text')
    review_date = fields.Date(
        string="Review On", tracking=True, help="Whoever approved the version is reminded to assess it again.")

    # === COMPUTE METHODS === #

    @api.depends(
        'price_control', 'inventory_owner', 'fulfilled_by', 'contracting_party', 'collects_payment', 'tax_supplier',
        'revenue_presentation', *INDICATORS)
    @api.depends_context('lang')
    def _compute_suggestion(self):
        for mode in self:
            mode.suggestion = mode._get_suggestion()
            mode.warning_text = "\n".join(mode._get_warnings()) or False

    @api.depends(
        'price_control', 'inventory_owner', 'fulfilled_by', 'contracting_party', 'collects_payment', 'tax_supplier',
        'revenue_presentation')
    @api.depends_context('lang')
    def _compute_rights_text(self):
        for mode in self:
            rights = mode._get_rights()
            mode.rights_text = all(rights.values()) and self._describe_rights(rights)

    # === BUSINESS METHODS === #

    def _get_suggestion(self):
        """Return what the rights suggest for the revenue: ``principal``, ``agent`` or ``judgement``."""
        self.ensure_one()
        if self.inventory_owner == 'company':
            return 'principal'
        return 'agent' if self.contracting_party == 'seller' else 'judgement'

    def _get_warnings(self):
        """Return what needs judgement: rights, verdicts and indicators that do not point the same way.

        :return: texts for the user
        :rtype: list[str]
        """
        self.ensure_one()
        principal = self.revenue_presentation == 'principal'
        answers = [self[name] for name in INDICATORS]
        found = [
            (principal and self.inventory_owner == 'seller' and self.price_control == 'seller',
             self.env._("Booked gross although the seller owns the goods and sets the price.")),
            (principal and self.fulfilled_by == 'seller',
             self.env._("Booked gross although the seller ships the goods and takes them back.")),
            (not principal and self.contracting_party == 'company',
             self.env._("Booked net although we are the buyer's contract party.")),
            (not principal and self.price_control == 'company',
             self.env._("Booked net although we set the price.")),
            (self.contracting_party == 'seller' and self.tax_supplier == 'company',
             self.env._("The seller is the contract party, but the VAT is ours. Deemed supply has a value of its own.")),
            (self.contracting_party == 'company' and self.tax_supplier == 'seller',
             self.env._("We are the contract party, but the seller supplies for VAT.")),
            (principal and answers.count('seller') > answers.count('company'),
             self.env._("Booked gross although more indicators point to the seller.")),
            (not principal and answers.count('company') > answers.count('seller'),
             self.env._("Booked net although more indicators point to us.")),
        ]
        return [text for is_found, text in found if is_found]
