from . import sales_promotion_add
from . import sale_advance_payment_inv
from . import sales_settlement_start
from . import sales_settlement_adjust
from . import sales_payout_fail
