from collections import namedtuple

from odoo import api, fields, models

from .const import MODES, PRESETS

# What decides on the mode of a line: an offer, a seller, a product category, a channel (records or empty) and the day
ModeQuestion = namedtuple('ModeQuestion', 'company offer seller category channel date')


class SalesChannelMode(models.Model):
    """One dated version of the rights under which an offer, a seller, a category or a channel sells.

    An approved version is never edited: a change is a new version with a later date.
    """

    _name = 'sales.channel.mode'
    _description = "Channel Mode"
    _inherit = ['sales.rights.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'date_from desc, id desc'
    _check_company_auto = True

    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, default=lambda self: self.env.company)
    channel_id = fields.Many2one(
        comodel_name='sales.channel', string="Channel", index='btree_not_null', ondelete='cascade', check_company=True)
    category_id = fields.Many2one(
        comodel_name='product.category', string="Product Category", index='btree_not_null', ondelete='cascade')
    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", index='btree_not_null', ondelete='cascade', check_company=True)
    offer_id = fields.Many2one(
        comodel_name='sales.seller.offer', string="Offer", index='btree_not_null', ondelete='cascade', check_company=True)
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today, tracking=True)
    preset = fields.Selection(selection=MODES, string="Mode", required=True, default='resale', tracking=True)
    state = fields.Selection(
        selection=[('draft', "Draft"), ('approved', "Approved"), ('cancelled', "Cancelled")],
        string="Status", required=True, default='draft', readonly=True, copy=False, tracking=True)
    reason = fields.Text(string="Reason", help="Why the goods are sold this way: contract facts and judgement.")
    approver_id = fields.Many2one(comodel_name='res.users', string="Approved By", readonly=True, copy=False)
    approved_on = fields.Datetime(string="Approved On", readonly=True, copy=False)

    # === BUSINESS METHODS === #

    @api.model
    def _resolve(self, questions):
        """Return the mode in force for each question: offer > seller > deepest category > channel.

        A category's mode for the channel of the question goes before its mode for all channels. A channel
        without a mode has the one of its parent.

        :param list[ModeQuestion] questions: what is asked
        :return: parallel to ``questions``: the version in force, or an empty recordset for plain resale
        :rtype: list
        """
        if not questions:
            return []
        companies = {question.company.id for question in questions}
        versions = self.sudo().search([
            ('state', '=', 'approved'), ('company_id', 'in', list(companies)),
            ('date_from', '<=', max(question.date for question in questions)),
        ])
        return [versions._choose(question) for question in questions]

    def _choose(self, question):
        """Return the version among these (newest first) that holds for a question."""
        running = self.filtered(lambda mode: mode.company_id == question.company and mode.date_from <= question.date)
        for subject in self._get_subjects(question):
            for mode in running:
                if (mode.offer_id, mode.seller_id, mode.category_id, mode.channel_id) == subject:
                    return mode
        return self.browse()

    def _get_subjects(self, question):
        """Yield (offer, seller, category, channel) from the most specific to the most general subject of a question."""
        none = self.browse()
        no_offer, no_seller, no_category, no_channel = (
            none.offer_id, none.seller_id, none.category_id, none.channel_id)
        if question.offer:
            yield question.offer, no_seller, no_category, no_channel
        if question.seller:
            yield no_offer, question.seller, no_category, no_channel
        category = question.category
        while category:
            channel = question.channel
            while channel:
                yield no_offer, no_seller, category, channel
                channel = channel.parent_id
            yield no_offer, no_seller, category, no_channel
            category = category.parent_id
        channel = question.channel
        while channel:
            yield no_offer, no_seller, no_category, channel
            channel = channel.parent_id

    def _get_rights(self):
        """Return the rights of the version, or those of plain resale for an empty recordset.

        :rtype: dict[str, str]
        """
        if not self:
            return dict(PRESETS['resale'])
        self.ensure_one()
        return {right: self[right] for right in PRESETS['resale']}
