from . import sales_rights_mixin
from . import sales_channel
from . import sales_channel_mode
from . import crm_team
from . import sale_order
from . import sale_order_line
from . import account_move
from . import account_move_line
