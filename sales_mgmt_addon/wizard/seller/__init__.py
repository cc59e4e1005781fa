from . import sales_seller_ship
from . import sales_seller_ship_line
