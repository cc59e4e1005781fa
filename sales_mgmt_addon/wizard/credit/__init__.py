from . import sales_approval_decide
