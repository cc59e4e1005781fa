from . import sales_seller_reason
from . import sales_seller_bank_change
from . import sales_seller_ship
from . import sales_seller_ship_line
