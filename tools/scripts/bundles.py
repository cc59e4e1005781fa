# Run by Odoo's shell: generate and keep the bundles that pages and browser tests load. Those that exist
# and are up to date are left alone.
BUNDLES = [  # name, has CSS, has JS
    ("web.assets_web", True, True),
    ("web.assets_web_print", True, False),
    ("web.assets_frontend", True, False),
    ("web.assets_frontend_minimal", False, True),
    ("web.assets_frontend_lazy", False, True),
    ("web.assets_tests", False, True),
    ("web_tour.automatic", False, True),
    ("bus.websocket_worker_assets", False, True),
    ("web.assets_unit_tests_setup", True, True),
    ("web.assets_unit_tests", True, True),
]

for name, css, js in BUNDLES:
    bundle = env["ir.qweb"]._get_asset_bundle(name, css=css, js=js)
    if css:
        bundle.css()
    if js:
        bundle.js()
env.cr.commit()
