{
    'name': 'Sales Management',
    'version': '19.0.1.0.0',
    'category': 'Sales/Sales',
    'summary': 'Targets, order gate, credit and receivables, channels and marketplace sellers for sales organisations',
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
        'data/sales_receivable_data.xml',
        'data/sales_receivable_cron.xml',
        'data/mail_template_statement.xml',
        'report/report_customer_statement.xml',
        'report/report_receivable_ageing.xml',
        'wizard/receivable/sales_receivable_dispute_open_views.xml',
        'wizard/receivable/sales_receivable_dispute_settle_views.xml',
        'wizard/receivable/sales_receivable_statement_views.xml',
        'views/receivable/sales_receivable_bucket_views.xml',
        'views/receivable/sales_receivable_report_views.xml',
        'views/receivable/sales_receivable_dispute_views.xml',
        'views/receivable/sales_receivable_ageing_views.xml',
        'views/receivable/sales_receivable_statement_sent_views.xml',
        'views/receivable/portal_templates.xml',
        'views/receivable/res_config_settings_ageing_views.xml',
        'views/receivable/res_partner_views.xml',

        # collection: cases and promises
        'security/collection_rules.xml',
        'data/sales_collection_data.xml',
        # the e-mails show what the documents show, so the templates of these come first
        'report/sales_collection_letter_templates.xml',
        'data/mail_template_collection.xml',
        'wizard/collection/sales_collection_log_views.xml',
        'wizard/collection/sales_collection_snooze_views.xml',
        'wizard/collection/sales_collection_promise_make_views.xml',
        'wizard/collection/sales_collection_promise_cancel_views.xml',
        'views/collection/sales_collection_case_views.xml',
        'views/collection/sales_collection_promise_views.xml',
        'views/collection/sales_collection_action_views.xml',
        'views/collection/collection_settings_views.xml',

        # collection: dunning
        'security/dunning_rules.xml',
        'report/sales_dunning_letter_templates.xml',
        'data/sales_dunning_mail_templates.xml',
        'data/sales_dunning_data.xml',
        'wizard/collection/sales_dunning_skip_views.xml',
        'wizard/collection/sales_dunning_pause_views.xml',
        'views/collection/sales_dunning_level_views.xml',
        'views/collection/sales_dunning_letter_views.xml',
        'views/collection/sales_dunning_line_views.xml',
        'views/collection/sales_dunning_run_views.xml',
        'views/collection/sales_credit_profile_views.xml',
        'views/collection/res_partner_views.xml',
        'views/collection/account_move_views.xml',
        'views/collection/res_config_settings_views.xml',

        # receivables: monthly pack and forecast
        'security/receivable_pack_rules.xml',
        'data/sales_receivable_pack_data.xml',
        'report/sales_receivable_pack_templates.xml',
        'wizard/receivable/sales_receivable_pack_views.xml',
        'views/receivable/sales_receivable_pack_line_views.xml',
        'views/receivable/sales_receivable_pack_person_views.xml',
        'views/receivable/sales_receivable_pack_views.xml',
        'views/receivable/sales_receivable_forecast_views.xml',
        'views/receivable/res_config_settings_pack_views.xml',

        # receivables: payment behaviour, expected loss, write-off
        'security/receivable_loss_rules.xml',
        'data/sales_receivable_loss_data.xml',
        'wizard/receivable/sales_receivable_recover_views.xml',
        'views/receivable/sales_receivable_provision_rate_views.xml',
        'views/receivable/sales_receivable_provision_views.xml',
        'views/receivable/sales_receivable_recovery_views.xml',
        'views/receivable/sales_receivable_write_off_views.xml',
        'views/receivable/sales_receivable_kpi_views.xml',
        'views/receivable/sales_credit_profile_views.xml',
        'views/receivable/res_config_settings_views.xml',

        # channel: channels, modes, rights, simulator
        'security/channel_rules.xml',

        # seller: sellers, offers, score
        'security/seller_rules.xml',

        # seller: orders, shipments, goods of sellers
        'security/seller_order_rules.xml',

        # settlement: commission, documents, ledger
        'security/seller_ledger_rules.xml',
        'wizard/settlement/sales_promotion_add_views.xml',
        'views/settlement/sales_commission_rule_views.xml',
        'views/settlement/sales_seller_ledger_views.xml',
        'views/settlement/account_tax_views.xml',
        'views/settlement/account_move_views.xml',
        'views/settlement/sale_order_views.xml',
        'views/settlement/res_config_settings_views.xml',

        # settlement: statements, payouts, control
        'security/settlement_rules.xml',

        # seller: portal

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
        'demo/demo_receivables.xml',
    ],
    'pre_init_hook': 'pre_init_hook',
    'post_init_hook': 'post_init_hook',
    'uninstall_hook': 'uninstall_hook',
    'application': True,
}
