from . import sales_receivable_recover
