from . import sales_demo
from . import sales_demo_claims
from . import sales_demo_decisions
from . import sales_demo_former
from . import sales_demo_leads
from . import sales_demo_market
from . import sales_demo_receivables
from . import sales_demo_targets
