from . import test_demo_plan
