from . import sales_seller
from . import sales_seller_offer
from . import sales_seller_order
from . import sales_seller_order_line
