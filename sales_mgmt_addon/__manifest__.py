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

        # gate

        # credit

        # settings and menus, always last
        'views/menus.xml',
    ],
    'demo': [
    ],
    'application': True,
}
