from . import approval, credit, gate
