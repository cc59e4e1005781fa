from odoo import api, fields, models

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

    # === BUSINESS METHODS === #

    @api.model
    def _get_contradiction(self, rights):
        """Return why rights cannot go together, if they cannot.

        :param dict rights: right -> holder, see `const.RIGHTS`
        :return: text for the user, or False
        """
        ours = {right for right, holder in rights.items() if holder == 'company'}
        agent = rights['revenue_presentation'] == 'agent'
        if agent and 'inventory_owner' in ours:
            return self.env._(
                "An agent does not own the goods: with our own stock we are principal, and the whole price is our revenue. "
                "Change the inventory owner or the revenue.")
        if not agent and 'contracting_party' not in ours:
            return self.env._(
                "A principal is the buyer's contract party. Where the seller is, we are agent: "
                "change the contracting party or the revenue.")
        if 'collects_payment' not in ours and not agent:
            return self.env._(
                "Where the seller collects the money, we only earn a commission: we are agent. "
                "Change who collects or the revenue.")
        if not agent and rights['tax_supplier'] == 'seller':
            return self.env._(
                "A principal sells in his own name and supplies for VAT himself. Where the seller supplies, we are agent: "
                "change the VAT supplier or the revenue.")
        if 'fulfilled_by' not in ours and 'inventory_owner' in ours:
            return self.env._(
                "The seller cannot ship goods that are ours. Change who fulfils or the inventory owner.")
        if 'collects_payment' not in ours and 'fulfilled_by' in ours:
            return self.env._(
                "Where the seller collects the money, he ships as well: our commission is earned with his shipment. "
                "Change who collects or who fulfils.")
        if 'collects_payment' not in ours and rights['tax_supplier'] != 'seller':
            return self.env._(
                "Where the seller collects the money, no document of ours reaches the buyer, so the VAT cannot be ours. "
                "Change who collects or the VAT supplier.")
        return False

    @api.model
    def _describe_rights(self, rights):
        """Return rights in words: "seller prices, we ship, seller is the supplier, we are agent".

        Price, shipping, supplier and revenue are always said, the rest where it does not go without saying.

        :param dict rights: right -> holder, see `const.RIGHTS`
        :rtype: str
        """
        seller = {right for right, holder in rights.items() if holder == 'seller'}
        agent = rights['revenue_presentation'] == 'agent'
        supplier = {
            'company': self.env._("we are the supplier"),
            'seller': self.env._("seller is the supplier"),
            'deemed': self.env._("we are the deemed supplier"),
        }
        words = [self.env._("seller prices") if 'price_control' in seller else self.env._("we price")]
        if 'inventory_owner' in seller and not agent:
            words.append(self.env._("seller owns the goods"))
        words.append(self.env._("seller ships") if 'fulfilled_by' in seller else self.env._("we ship"))
        if ('contracting_party' in seller) != ('tax_supplier' in seller):
            words.append(
                self.env._("seller is the contract party") if 'contracting_party' in seller
                else self.env._("we are the contract party"))
        if 'collects_payment' in seller:
            words.append(self.env._("seller collects"))
        words.append(supplier[rights['tax_supplier']])
        words.append(self.env._("we are agent") if agent else self.env._("we are principal"))
        return ", ".join(words)
