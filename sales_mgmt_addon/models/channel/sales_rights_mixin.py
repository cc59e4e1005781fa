from odoo import fields, models

from .const import RIGHTS


class SalesRightsMixin(models.AbstractModel):
    """The six rights in what is sold, and how the revenue is presented (IFRS 15 B34-B38)."""

    _name = 'sales.rights.mixin'
    _description = "Rights Mixin"

    price_control = fields.Selection(
        selection=RIGHTS['price_control'], string="Price Control", help="Who sets the price.")
    inventory_owner = fields.Selection(
        selection=RIGHTS['inventory_owner'], string="Inventory Owner", help="Who owns the goods until they are sold.")
    fulfilled_by = fields.Selection(
        selection=RIGHTS['fulfilled_by'], string="Fulfilled By", help="Who ships the goods and takes them back.")
    contracting_party = fields.Selection(
        selection=RIGHTS['contracting_party'], string="Contracting Party",
        help="Who is the buyer's contract party and issues the document.")
    collects_payment = fields.Selection(
        selection=RIGHTS['collects_payment'], string="Collects Payment", help="Whom the buyer pays.")
    tax_supplier = fields.Selection(
        selection=RIGHTS['tax_supplier'], string="VAT Supplier", help="Who supplies the goods in the sense of the VAT law.")
    revenue_presentation = fields.Selection(
        selection=RIGHTS['revenue_presentation'], string="Revenue",
        help="Principal: the whole price is our revenue. Agent: only our commission is.")
