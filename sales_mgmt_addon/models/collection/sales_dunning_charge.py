from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL


class SalesDunningCharge(models.Model):
    """A fee or interest that was put on an invoice, so that it is never charged twice. Made by the server only.

    It goes when its invoice line is deleted or the invoice is cancelled; then it may be charged again.
    """

    _name = 'sales.dunning.charge'
    _description = "Dunning Charge"
    _order = 'id desc'

    kind = fields.Selection(
        selection=[('fee', "Fee"), ('interest', "Interest")], string="Kind", required=True, readonly=True)
    letter_id = fields.Many2one(
        comodel_name='sales.dunning.letter', string="Letter", readonly=True, index='btree_not_null', ondelete='restrict',
        help="Of a fee: the letter it is for.")
    line_id = fields.Many2one(
        comodel_name='account.move.line', string="Item", readonly=True, index='btree_not_null', ondelete='cascade',
        help="Of interest: the item that was paid late.")
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(comodel_name='res.currency', string="Currency", required=True, readonly=True)
    amount = fields.Monetary(string="Amount", required=True, readonly=True)
    date_until = fields.Date(string="Until", required=True, readonly=True)
    invoice_line_id = fields.Many2one(
        comodel_name='account.move.line', string="Invoice Line", required=True, readonly=True, index=True,
        ondelete='cascade')
    move_id = fields.Many2one(
        related='invoice_line_id.move_id', string="Invoice", store=True, index='btree_not_null')

    _fee_unique = models.UniqueIndex("(letter_id) WHERE kind = 'fee'", "The fee of this letter has been charged already.")
    _kind_subject = models.Constraint(
        "CHECK (CASE WHEN kind = 'fee' THEN letter_id IS NOT NULL ELSE line_id IS NOT NULL END)",
        "A fee is for a letter, interest is for an item.")

    #=== BUSINESS METHODS ===#

    @api.model
    def _charge(self, letters):
        """Put the open fees and interest of sent letters on draft invoices, one per customer, company and currency.

        :param letters: `sales.dunning.letter` records that the user may read
        :return: window action on the invoices
        :raise AccessError: unless the user may make customer invoices
        :raise UserError: if there is nothing to charge
        """
        if not self.env.su and not self.env.user.has_group('account.group_account_invoice'):
            raise AccessError(self.env._("Only who may make customer invoices can charge fees and interest."))
        letters = letters.filtered(lambda letter: letter.state == 'sent')
        self._lock(letters)
        groups = letters._get_charges()
        if not groups:
            raise UserError(self.env._("There are no fees and no interest that were not charged yet."))
        moves = self.env['account.move']
        for (partner_id, company_id, currency_id), charges in groups.items():
            moves += self._create_invoice(partner_id, company_id, currency_id, charges)
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Fees and Interest"),
            'res_model': 'account.move',
            'views': [(False, 'form')] if len(moves) == 1 else [(False, 'list'), (False, 'form')],
            'res_id': moves.id if len(moves) == 1 else False,
            'domain': [('id', 'in', moves.ids)],
        }

    def _lock(self, letters):
        """Serialise charges of the same customers: the loser of a race starts again and finds nothing left.

        Only a real UPDATE does that under REPEATABLE READ.
        """
        profiles = self.env['sales.credit.profile'].sudo()
        for company, of_company in letters.grouped('company_id').items():
            profiles = profiles.union(*profiles._get_for(of_company.partner_id, company).values())
        profiles.flush_recordset()
        self.env.cr.execute(SQL(
            """
            WITH locked AS (SELECT id FROM sales_credit_profile WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)
            UPDATE sales_credit_profile p SET version = version + 1 FROM locked WHERE p.id = locked.id
            """, profiles.ids))
        profiles.invalidate_recordset(['version'], flush=False)
        self.invalidate_model()

    def _create_invoice(self, partner_id, company_id, currency_id, charges):
        """Create one draft invoice and the charges on it.

        :param list charges: dicts as of `sales.dunning.letter._get_charges`
        :return: `account.move`
        """
        company = self.env['res.company'].browse(company_id)
        letters = self.env['sales.dunning.letter'].browse(dict.fromkeys(charge['origin'].id for charge in charges))
        move = self.env['account.move'].with_company(company).create({
            'move_type': 'out_invoice',
            'partner_id': (letters[0].sudo().address_id or letters[0].sudo().partner_id).id,
            'company_id': company.id,
            'currency_id': currency_id,
            'invoice_origin': ', '.join(letters.mapped('name')),
            'invoice_user_id': letters[0].user_id.id,
            'invoice_line_ids': [
                fields.Command.create({**self._prepare_invoice_line(company, charge), 'sequence': index})
                for index, charge in enumerate(charges)],
        })
        move.sudo().is_dunning_charge = True
        self.sudo().create([
            {
                'kind': charge['kind'],
                'letter_id': charge['origin'].id if charge['kind'] == 'fee' else False,
                'line_id': charge.get('line_id', False),
                'partner_id': partner_id,
                'company_id': company_id,
                'currency_id': currency_id,
                'amount': charge['amount'],
                'date_until': charge['date_until'],
                'invoice_line_id': line.id,
            }
            for charge, line in zip(charges, move.invoice_line_ids.sorted('sequence'), strict=True)
        ])
        return move

    def _prepare_invoice_line(self, company, charge):
        product = company._get_dunning_product(charge['kind'])
        values = {'product_id': product.id, 'name': charge['name'], 'quantity': 1, 'price_unit': charge['amount']}
        if charge['kind'] == 'interest':
            values['tax_ids'] = [fields.Command.clear()]
        return values
