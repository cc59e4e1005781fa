from . import sales_gate_ask
