from odoo import fields, models
from odoo.tools import float_compare, is_html_empty

from ...internal import grant
from ..channel.const import OFFER_GUARD


class SalesSellerOffer(models.Model):
    """Quality of an offer: how many points of the list hold, by their weight."""

    _inherit = 'sales.seller.offer'

    check_ids = fields.One2many(
        comodel_name='sales.seller.offer.check', inverse_name='offer_id', string="Quality List", readonly=True)
    quality_score = fields.Float(
        string="Quality (%)", digits=(5, 2), readonly=True, copy=False, aggregator='avg',
        help="Share of the checks that hold, by their weight.")

    def action_refresh_quality(self):
        """Look at the facts of the offers again. Raises as other steps: channel managers only."""
        self.seller_id._check_manager()
        self._refresh_quality()
        return True

    def _refresh_quality(self):
        """Bring the quality list and the score of the offers up to date."""
        types = self.env['sales.seller.offer.check.type'].sudo().search([
            ('company_id', 'in', (False, *self.sudo().company_id.ids))])
        Check = grant(self.env['sales.seller.offer.check'].sudo(), OFFER_GUARD)
        for offer in self._as_server():
            mine = types._filter_for(offer.company_id)
            known = Check.browse(offer.check_ids.ids)
            checks = known.filtered_domain([('type_id', 'in', mine.ids)])
            (known - checks).unlink()
            checks |= Check.create([{'offer_id': offer.id, 'type_id': one.id} for one in mine - checks.type_id])
            for check in checks.filtered(lambda one: one.fact != 'manual'):
                holds = offer._get_fact(check.fact)
                if check.passed != holds:
                    check.passed = holds
            whole = sum(checks.mapped('weight'))
            passed = sum(checks.filtered('passed').mapped('weight'))
            offer.quality_score = round(100.0 * passed / whole, 2) if whole else 100.0
        self.invalidate_recordset(['check_ids'])

    def _get_fact(self, fact):
        """Tell whether a fact of the quality list holds for the offer. Note: self.ensure_one()

        :param str fact: see ``sales.seller.offer.check.type``
        :rtype: bool
        """
        self.ensure_one()
        product = self.product_id
        match fact:
            case 'image':
                return bool(product.image_128)
            case 'description':
                return not is_html_empty(self.description) or bool(product.description_sale)
            case 'category':
                allowed, path = self.seller_id.category_ids, product.categ_id.parent_path or ''
                return not allowed or any(path.startswith(category.parent_path) for category in allowed)
            case 'weight':
                return product.type != 'consu' or product.weight > 0
            case 'barcode':
                return bool(product.barcode)
            case 'sku':
                return bool(self.seller_sku)
            case 'lead':
                return self.lead_days > 0
            case 'stock':
                return self.uom_id.compare(self.available_quantity, 0.0) > 0
        return False

    def _get_quality_error(self):
        """Return why the quality is not good enough for an approval, or ``False``. Note: self.ensure_one()

        :rtype: str | bool
        """
        self.ensure_one()
        offer = self.sudo()
        if missing := offer.check_ids.filtered(lambda check: check.required and not check.passed):
            return self.env._(
                "%(offer)s lacks what every offer needs: %(checks)s", offer=offer.display_name,
                checks=", ".join(missing.type_id.mapped('name')))
        minimum = offer.company_id.offer_quality_minimum
        if float_compare(offer.quality_score, minimum, precision_digits=2) < 0:
            return self.env._(
                "The quality of %(offer)s is %(score).2f %%, below the %(minimum).2f %% that an offer needs.",
                offer=offer.display_name, score=offer.quality_score, minimum=minimum)
        return False
