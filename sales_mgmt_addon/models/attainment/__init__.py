from . import sales_metric
from . import sales_credit_split
from . import sales_attainment_entry
from . import sale_order
from . import account_move
from . import account_move_line
from . import account_partial_reconcile
from . import crm_lead
