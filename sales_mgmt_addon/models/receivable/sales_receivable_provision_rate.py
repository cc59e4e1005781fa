from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..credit.const import CREDIT_CLASSES

# Proposed rates (%) from the youngest bucket on, the last one for all older buckets; double for the weakest classes
DEFAULT_RATES = (0.5, 2.0, 5.0, 15.0, 40.0)
WEAK_CLASSES = ('D', 'E')
WEAK_FACTOR = 2


class SalesReceivableProvisionRate(models.Model):
    """What part of an ageing bucket and a credit class a company expects to lose."""

    _name = 'sales.receivable.provision.rate'
    _description = "Loss Rate"
    _order = 'company_id, bucket_id, credit_class, id'

    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, ondelete='cascade',
        default=lambda self: self.env.company.root_id, domain="[('parent_id', '=', False)]")
    bucket_id = fields.Many2one(
        comodel_name='sales.receivable.bucket', string="Ageing Bucket", required=True, index=True, ondelete='cascade',
        domain="[('company_id', '=', company_id)]")
    credit_class = fields.Selection(
        selection=CREDIT_CLASSES, string="Class",
        help="Empty: for customers without a class, and for classes that have no rate of their own.")
    rate = fields.Float(string="Loss Rate (%)", digits=(16, 4), required=True, aggregator=None)

    _bucket_class_unique = models.UniqueIndex(
        "(company_id, bucket_id, COALESCE(credit_class, ''))", "There is a rate for this bucket and class already.")

    #=== CONSTRAINT METHODS ===#

    @api.constrains('rate')
    def _check_rate(self):
        if any(not 0 <= rate.rate <= 100 for rate in self):
            raise ValidationError(self.env._("A loss rate lies between 0 and 100 %."))

    @api.constrains('company_id', 'bucket_id')
    def _check_root_company(self):
        for rate in self.sudo():
            if rate.company_id.parent_id:
                raise ValidationError(self.env._(
                    "Branches use the rates of their root company. Choose %(company)s.",
                    company=rate.company_id.root_id.name))
            if rate.bucket_id.company_id != rate.company_id:
                raise ValidationError(self.env._(
                    "The bucket belongs to %(company)s. Choose one of the company of the rate.",
                    company=rate.bucket_id.company_id.name))

    #=== ACTION METHODS ===#

    def action_load_defaults(self):
        """Add the usual rates for buckets of the current company that have none for customers without a class.

        :raise AccessError: if the user may not enter rates
        :return: action that shows the rates
        :rtype: dict
        """
        self.browse().check_access('create')
        company = self.env.company.root_id
        buckets = self.env['sales.receivable.bucket']._get_for(company)
        existing = {
            (rate.bucket_id.id, rate.credit_class) for rate in self.sudo().search([('company_id', '=', company.id)])}
        self.create([
            vals for vals in self._prepare_default_rates(company, buckets)
            if (vals['bucket_id'], vals['credit_class']) not in existing])
        return self.env['ir.actions.actions']._for_xml_id('sales_mgmt_addon.sales_receivable_provision_rate_action')

    @api.model
    def _prepare_default_rates(self, company, buckets):
        vals_list = []
        for index, bucket in enumerate(buckets):
            rate = DEFAULT_RATES[min(index, len(DEFAULT_RATES) - 1)]
            for credit_class in (False, *WEAK_CLASSES):
                vals_list.append({
                    'company_id': company.id, 'bucket_id': bucket.id, 'credit_class': credit_class,
                    'rate': min(rate * WEAK_FACTOR, 100.0) if credit_class else rate,
                })
        return vals_list

    #=== BUSINESS METHODS ===#

    @api.model
    def _get_rates(self, company):
        """Return the rates of a root company.

        :return: ``{(bucket id, class or False): rate in %}``
        :rtype: dict
        """
        rates = self.sudo().search_fetch([('company_id', '=', company.id)], ['bucket_id', 'credit_class', 'rate'])
        return {(rate.bucket_id.id, rate.credit_class): rate.rate for rate in rates}

    @api.model
    def _find_rate(self, rates, bucket, credit_class):
        """Return the rate of a bucket and class, that of no class failing an own one, or None.

        :param dict rates: as of :meth:`_get_rates`
        """
        return rates.get((bucket.id, credit_class or False), rates.get((bucket.id, False)))
