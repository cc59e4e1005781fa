"""Rights in goods that are sold, the modes they add up to, and the permissions of server code."""

COMPANY_OR_SELLER = [('company', "Company"), ('seller', "Seller")]
# Right -> who can hold it
RIGHTS = {
    'price_control': COMPANY_OR_SELLER,
    'inventory_owner': COMPANY_OR_SELLER,
    'fulfilled_by': COMPANY_OR_SELLER,
    'contracting_party': COMPANY_OR_SELLER,
    'collects_payment': COMPANY_OR_SELLER,
    'tax_supplier': [('company', "Company"), ('seller', "Seller"), ('deemed', "Company, as deemed supplier")],
    'revenue_presentation': [('principal', "Principal (gross)"), ('agent', "Agent (net)")],
}
RIGHT_NAMES = tuple(RIGHTS)


def _preset(*values):
    return dict(zip(RIGHT_NAMES, values, strict=True))


# Mode -> its rights, in the order of RIGHTS
PRESETS = {
    'resale': _preset('company', 'company', 'company', 'company', 'company', 'company', 'principal'),
    'marketplace': _preset('seller', 'seller', 'seller', 'seller', 'company', 'seller', 'agent'),
    'hosted': _preset('seller', 'seller', 'company', 'seller', 'company', 'seller', 'agent'),
    'platform': _preset('seller', 'seller', 'company', 'company', 'company', 'company', 'agent'),
    'consignment': _preset('company', 'seller', 'company', 'company', 'company', 'company', 'principal'),
    'agency': _preset('seller', 'seller', 'seller', 'seller', 'seller', 'seller', 'agent'),
}
MODES = [
    ('resale', "Resale"),
    ('marketplace', "Marketplace"),
    ('hosted', "Hosted: seller prices, we fulfil"),
    ('platform', "Platform contract, owner's price"),
    ('consignment', "Consignment"),
    ('agency', "Agency: seller collects"),
    ('custom', "Custom"),
]
CHANNEL_TYPES = [
    ('direct', "Direct"),
    ('store', "Store"),
    ('web', "Own Web Shop"),
    ('platform', "Platform"),
    ('distributor', "Distributor"),
    ('dealer', "Dealer"),
    ('agent', "Agent"),
]

# Guards of what only server code may write, see `internal.py`
MODE_GUARD = 'channel.mode'
RIGHTS_GUARD = 'channel.rights'
SIMULATION_GUARD = 'channel.simulation'
SELLER_GUARD = 'channel.seller'
OFFER_GUARD = 'channel.offer'
SELLER_ORDER_GUARD = 'channel.seller.order'
LEDGER_GUARD = 'channel.ledger'
SETTLEMENT_GUARD = 'channel.settlement'
