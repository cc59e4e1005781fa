{
    'name': 'Sales Management',
    'version': '19.0.1.0.0',
    'category': 'Sales/Sales',
    'summary': 'Order gate, approvals, credit control and receivables for sales organisations',
    'author': 'The sales_mgmt_addon founders',
    'license': 'LGPL-3',
    'depends': [
        'sale_management',
        'sale_crm',
        'sale_stock',
        'repair',
        'portal_rating',
    ],
    'data': [
        # security
        'security/groups.xml',
        'security/ir.model.access.csv',

        # approval
        'security/approval_rules.xml',
        'data/sales_approval_data.xml',
        'data/sales_approval_cron.xml',
        'wizard/approval/sales_approval_decide_views.xml',
        'wizard/approval/sales_approval_mass_decide_views.xml',
        'views/approval/crm_team_views.xml',
        'views/approval/sales_approval_request_views.xml',
        'views/approval/sales_approval_decision_views.xml',
        'views/approval/sales_approval_rule_views.xml',
        'views/approval/sales_approval_substitute_views.xml',

        # gate

        # credit

        # settings and menus, always last
        'views/menus.xml',
    ],
    'demo': [
    ],
    'installable': True,
    'application': True,
}
