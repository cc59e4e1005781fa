{
    'name': 'Sales Management',
    'version': '19.0.1.0.0',
    'category': 'Sales/Sales',
    'summary': 'Targets and attainment, order gate, approvals and credit control for sales organisations',
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
        'security/wizard_rules.xml',

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
        'security/gate_rules.xml',
        'data/gate_data.xml',
        'wizard/gate/sales_gate_ask_views.xml',
        'views/gate/sales_gate_finding_views.xml',
        'views/gate/sale_order_views.xml',
        'views/gate/stock_picking_views.xml',
        'views/gate/account_move_views.xml',
        'views/gate/sale_portal_templates.xml',
        'views/gate/res_config_settings_views.xml',

        # attainment
        'security/attainment_rules.xml',
        'data/sales_metric_data.xml',
        'data/sales_attainment_cron.xml',
        'wizard/attainment/sales_attainment_check_views.xml',
        'wizard/attainment/sales_credit_split_refuse_views.xml',
        'views/attainment/sales_metric_views.xml',
        'views/attainment/sales_attainment_entry_views.xml',
        'views/attainment/sales_attainment_backfill_views.xml',
        'views/attainment/sales_credit_split_change_views.xml',
        'views/attainment/sale_order_views.xml',
        'views/attainment/account_move_views.xml',
        'views/attainment/res_config_settings_views.xml',

        # quota: plans
        'security/quota_rules.xml',
        'data/sales_quota_data.xml',
        'wizard/quota/sales_quota_edit_views.xml',
        'wizard/quota/sales_quota_distribute_views.xml',
        'wizard/quota/sales_quota_proposal_views.xml',
        'wizard/quota/sales_quota_import_views.xml',
        'views/quota/sales_quota_plan_views.xml',
        'views/quota/sales_quota_node_views.xml',
        'views/quota/sales_quota_cell_views.xml',
        'views/quota/sales_quota_change_views.xml',
        'views/quota/sales_quota_request_views.xml',

        # quota: following the plan
        'security/quota_follow_rules.xml',
        'data/sales_quota_follow_cron.xml',
        'data/digest_data.xml',
        'views/attainment/sales_signal_views.xml',
        'views/quota/sales_quota_action_views.xml',
        'views/quota/sales_signal_views.xml',
        'views/quota/sales_market_estimate_views.xml',
        'views/quota/sales_quota_attainability_views.xml',
        'views/quota/sales_quota_forecast_views.xml',
        'views/quota/sales_quota_report_views.xml',
        'views/quota/sales_quota_curve_views.xml',
        'views/quota/sales_quota_plan_follow_views.xml',
        'views/quota/sales_quota_node_follow_views.xml',
        'views/quota/sales_quota_cell_follow_views.xml',
        'views/quota/digest_digest_views.xml',

        # quota: grid and pages
        'views/quota/sales_quota_pages_views.xml',

        # credit
        'security/credit_rules.xml',
        'data/sales_credit_data.xml',
        'wizard/credit/sales_approval_decide_views.xml',
        'views/credit/sales_credit_profile_views.xml',
        'views/credit/sales_credit_request_views.xml',
        'views/credit/sales_credit_decision_views.xml',
        'views/credit/res_partner_views.xml',
        'views/credit/sale_order_views.xml',
        'views/credit/res_config_settings_views.xml',

        # receivables
        'security/receivable_rules.xml',

        # collection: cases and promises
        'security/collection_rules.xml',
        'data/sales_collection_data.xml',
        'wizard/collection/sales_collection_log_views.xml',
        'wizard/collection/sales_collection_snooze_views.xml',
        'wizard/collection/sales_collection_promise_make_views.xml',
        'wizard/collection/sales_collection_promise_cancel_views.xml',

        # collection: dunning
        'security/dunning_rules.xml',

        # receivables: monthly pack and forecast
        'security/receivable_pack_rules.xml',

        # receivables: payment behaviour, expected loss, write-off
        'security/receivable_loss_rules.xml',

        # settings and menus, always last
        'views/menus.xml',
    ],
    'assets': {
        'web.assets_backend': [
            'sales_mgmt_addon/static/src/**/*',
        ],
        'web.assets_tests': [
            'sales_mgmt_addon/static/tests/tours/**/*',
        ],
    },
    'demo': [
        'demo/demo_company.xml',
        'demo/demo_users.xml',
        'demo/demo_teams.xml',
        'demo/demo_partners.xml',
        'demo/demo_products.xml',
        'demo/demo_history.xml',
        'demo/demo_rules.xml',
        'demo/demo_decisions.xml',
        'demo/demo_targets.xml',
    ],
    'pre_init_hook': 'pre_init_hook',
    'post_init_hook': 'post_init_hook',
    'uninstall_hook': 'uninstall_hook',
    'application': True,
}
