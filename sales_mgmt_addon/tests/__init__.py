from . import test_approval_rule
from . import test_approval_request
from . import test_approval_steps
from . import test_approval_substitute
from . import test_approval_life_cycle
from . import test_approval_wizard
from . import test_approval_security
from . import test_approval_concurrency
