# Run by Odoo's shell: switch all areas of the add-on on or off (AREAS=on|off), as the settings do.
import os

areas = env["res.groups"].browse(env["ir.model.data"].search([
    ("module", "=", "sales_mgmt_addon"), ("model", "=", "res.groups"), ("name", "=like", "group\\_area\\_%"),
]).mapped("res_id"))
everybody = env.ref("base.group_user")
for area in areas:
    if os.environ["AREAS"] == "on":
        everybody._apply_group(area)
    else:
        everybody._remove_group(area)
env.cr.commit()
