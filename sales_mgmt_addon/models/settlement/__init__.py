from . import res_company
from . import account_tax
from . import sales_commission_rule
from . import sales_seller_ledger
from . import sales_settlement
from . import sales_payout
from . import account_payment
