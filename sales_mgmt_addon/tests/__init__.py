from . import test_demo_plan
from . import test_gate_payment
from . import test_gate_routes
from . import test_gate_tours
from . import test_gate_transports
