from . import sales_promotion_add
from . import sale_advance_payment_inv
