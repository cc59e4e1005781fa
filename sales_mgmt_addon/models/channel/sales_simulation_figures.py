from odoo import fields, models

# Figures that a mode changes; each has a column for what was (`now_…`) and one for what would have been (`new_…`)
MEASURES = (
    'revenue', 'commission', 'cost', 'margin', 'stock', 'receivable', 'payable', 'working_capital', 'vat_base', 'return_risk')
FIGURES = ('gross', 'returned', *(f'{when}_{measure}' for measure in MEASURES for when in ('now', 'new')))


class SalesSimulationFigures(models.AbstractModel):
    """The figures of a simulation, in company currency: of a product in a month, and of the whole."""

    _name = 'sales.simulation.figures'
    _description = "Simulation Figures"

    currency_id = fields.Many2one(comodel_name='res.currency')
    gross = fields.Monetary(
        string="Sold (GMV)", readonly=True, help="Price of the confirmed order lines without tax: the same in every mode.")
    returned = fields.Monetary(string="Credited", readonly=True, help="Posted credit notes for these order lines.")
    now_revenue = fields.Monetary(
        string="Our Revenue", readonly=True, help="Our revenue after credit notes: all of the price, or only the commission.")
    new_revenue = fields.Monetary(string="Our Revenue, New Mode", readonly=True)
    now_commission = fields.Monetary(string="Commission", readonly=True)
    new_commission = fields.Monetary(string="Commission, New Mode", readonly=True)
    now_cost = fields.Monetary(
        string="Cost of Goods", readonly=True, help="What the goods cost us: bought, or owed to their owner.")
    new_cost = fields.Monetary(string="Cost of Goods, New Mode", readonly=True)
    now_margin = fields.Monetary(string="Margin", readonly=True)
    new_margin = fields.Monetary(string="Margin, New Mode", readonly=True)
    now_stock = fields.Monetary(string="Stock", readonly=True, help="Average stock of our own, at cost.")
    new_stock = fields.Monetary(string="Stock, New Mode", readonly=True)
    now_receivable = fields.Monetary(
        string="Receivables", readonly=True, help="Average open amount of buyers, or of sellers who collect themselves.")
    new_receivable = fields.Monetary(string="Receivables, New Mode", readonly=True)
    now_payable = fields.Monetary(string="Payables", readonly=True, help="Average open amount to suppliers and sellers.")
    new_payable = fields.Monetary(string="Payables, New Mode", readonly=True)
    now_working_capital = fields.Monetary(
        string="Working Capital", readonly=True, help="Stock plus receivables minus payables.")
    new_working_capital = fields.Monetary(string="Working Capital, New Mode", readonly=True)
    now_vat_base = fields.Monetary(
        string="In Our VAT Return", readonly=True,
        help="Turnover for which we owe VAT: what we supply or are deemed to supply, and our commissions.")
    new_vat_base = fields.Monetary(string="In Our VAT Return, New Mode", readonly=True)
    now_return_risk = fields.Monetary(
        string="Returned Goods of Ours", readonly=True, help="Cost of the credited goods that are our own.")
    new_return_risk = fields.Monetary(string="Returned Goods of Ours, New Mode", readonly=True)
