from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare

from ...internal import granted

SHARE_DIGITS = 4


class SalesCreditSplit(models.Model):
    """One salesperson's share in the credit for an order, or for an invoice without order.

    Shares may be edited with the document until the first booking. After that they change only through
    a `sales.credit.split.change` to which all sharers agree.
    """

    _name = 'sales.credit.split'
    _description = "Credit Split"
    _order = 'is_overlay, share desc, id'
    _rec_name = 'user_id'

    order_id = fields.Many2one(
        comodel_name='sale.order', string="Order", ondelete='cascade', index='btree_not_null')
    move_id = fields.Many2one(
        comodel_name='account.move', string="Invoice", ondelete='cascade', index='btree_not_null')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", compute='_compute_company_id', store=True, precompute=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", required=True, ondelete='restrict', index=True,
        domain="[('share', '=', False)]")
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", compute='_compute_team_id', store=True, readonly=False,
        precompute=True, ondelete='restrict')
    share = fields.Float(
        string="Share (%)", required=True, default=100.0, digits=(7, SHARE_DIGITS), aggregator=None)
    is_overlay = fields.Boolean(
        string="Overlay", default=False,
        help="Counts for the person on top of the others, but in no sum of a team or the company.")

    _one_document = models.Constraint(
        'CHECK (num_nonnulls(order_id, move_id) = 1)', "A share belongs to one order or to one invoice.")
    _share_range = models.Constraint(
        'CHECK (share > 0 AND share <= 100)', "A share is more than 0 and at most 100 percent.")
    _order_unique = models.UniqueIndex(
        "(order_id, user_id, is_overlay) WHERE order_id IS NOT NULL", "A salesperson has one share in an order.")
    _move_unique = models.UniqueIndex(
        "(move_id, user_id, is_overlay) WHERE move_id IS NOT NULL", "A salesperson has one share in an invoice.")

    #=== COMPUTE METHODS ===#

    @api.depends('order_id.company_id', 'move_id.company_id')
    def _compute_company_id(self):
        for split in self:
            split.company_id = split.order_id.company_id or split.move_id.company_id

    @api.depends('user_id')
    def _compute_team_id(self):
        for split in self:
            split.team_id = split.user_id.sudo().sale_team_id or split.order_id.team_id or split.move_id.team_id

    #=== CONSTRAINT METHODS ===#

    @api.constrains('user_id')
    def _check_user(self):
        for split in self:
            user = split.user_id.sudo()
            if user.share or not user.active:
                raise ValidationError(self.env._(
                    "%(user)s is not an active internal user and cannot share in the credit.", user=user.name))

    @api.constrains('move_id')
    def _check_move(self):
        self.move_id._check_own_split()

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        splits = super().create(vals_list)
        splits._check_open()
        splits._check_shares(splits.order_id, splits.move_id)
        return splits

    def write(self, vals):
        self._check_open()
        if vals.keys() & {'order_id', 'move_id'}:
            raise UserError(self.env._("A share stays with its document. Add it to the other document instead."))
        res = super().write(vals)
        self._check_shares(self.order_id, self.move_id)
        return res

    def unlink(self):
        self._check_open()
        orders, moves = self.order_id, self.move_id
        res = super().unlink()
        self._check_shares(orders, moves)
        return res

    #=== BUSINESS METHODS ===#

    def _check_open(self):
        """Refuse changes of shares that were booked.

        :raise UserError: if the document of a share is in the attainment book
        """
        if granted(self.browse(), 'attainment.split.change'):
            return
        for documents in (self.sudo().order_id, self.sudo().move_id):
            if documents and documents._attainment_is_booked():
                raise UserError(self.env._(
                    "The credit for %(documents)s is booked already. Propose a change of the split, to which all"
                    " sharers have to agree.", documents=', '.join(documents.mapped('display_name'))))

    @api.model
    def _check_shares(self, *documents):
        """Check that the shares of documents make 100 percent.

        :param documents: recordsets of `sale.order` and `account.move`
        :raise ValidationError: if they make more or less; overlay shares do not count
        """
        if granted(self.browse(), 'attainment.split.form'):
            return  # the document checks when all its lines are written
        for records in documents:
            name = 'order_id' if records._name == 'sale.order' else 'move_id'
            groups = self.sudo()._read_group(
                [(name, 'in', records.ids), ('is_overlay', '=', False)], [name], ['share:sum'])
            for document, total in groups:
                if float_compare(total, 100.0, precision_digits=SHARE_DIGITS):
                    raise ValidationError(self.env._(
                        "The shares of %(document)s make %(total)s %%, not 100 %%. Overlay shares come on top.",
                        document=document.display_name, total=f"{total:g}"))
            records._check_overlays()
