from . import sales_receivable_pack_difference
from . import sales_receivable_pack_reopen
