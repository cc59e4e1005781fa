from . import sales_receivable_pack_difference
from . import sales_receivable_pack_reopen
from . import sales_receivable_dispute_open
from . import sales_receivable_dispute_settle
from . import sales_receivable_statement
from . import sales_receivable_recover
