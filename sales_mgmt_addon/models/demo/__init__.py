from . import sales_demo
from . import sales_demo_decisions
from . import sales_demo_former
