from . import account_partial_reconcile
from . import sales_credit_profile
from . import sales_receivable_bucket
from . import sales_receivable_dispute
from . import sales_receivable_pack
from . import sales_receivable_pack_line
from . import sales_receivable_provision
from . import sales_receivable_write_off
