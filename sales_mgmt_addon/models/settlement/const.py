"""Words that statements, payouts and the control report share."""

# Part of a statement -> kinds of ledger entries in it
PARTS = {
    'amount_sales': ('sale', 'promo'),
    'amount_refunds': ('refund',),
    'amount_commissions': ('commission',),
    'amount_fees': ('fee',),
    'amount_adjustments': ('adjust',),
    'amount_reserve': ('reserve', 'release'),
}
# Kinds that stand for journal items of the clearing account
CLEARING_KINDS = ('sale', 'refund', 'promo')
# Kinds that we invoice to the seller
CHARGE_KINDS = ('commission', 'fee')
OFFICER = 'sales_mgmt_addon.group_settlement_officer'
AREA = 'sales_mgmt_addon.group_area_channel'
