from . import sales_seller_reason
from . import sales_seller_bank_change
