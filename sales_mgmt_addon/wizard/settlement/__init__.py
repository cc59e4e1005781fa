from . import sales_settlement_start
from . import sales_settlement_adjust
from . import sales_payout_fail
