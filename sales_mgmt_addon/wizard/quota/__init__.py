from . import sales_quota_edit
from . import sales_quota_distribute
from . import sales_quota_distribute_line
from . import sales_quota_distribute_month
from . import sales_quota_proposal
from . import sales_quota_proposal_line
from . import sales_quota_import
from . import sales_quota_import_line
