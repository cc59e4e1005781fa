from . import sales_attainment_check
from . import sales_attainment_check_line
from . import sales_attainment_check_document
from . import sales_credit_split_refuse
