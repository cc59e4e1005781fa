import { registry } from "@web/core/registry";

// The collector calls a customer and takes his promise.
registry.category("web_tour.tours").add("sales_mgmt_collector_takes_a_promise", {
    steps: () => [
        {
            content: "The worklist says why the case is worth a call",
            trigger:
                ".o_data_row:contains('Credit Customer') [name=score_reason]:contains('20 days old')",
        },
        {
            content: "Open the case",
            trigger: ".o_data_row:contains('Credit Customer') td[name=partner_id]",
            run: "click",
        },
        {
            content: "Log a call",
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_log_call]",
            run: "click",
        },
        {
            content: "The customer was reached and promised to pay",
            trigger:
                ".modal .o_field_widget[name=outcome] input, .modal .o_field_widget[name=outcome] select",
            run: "click",
        },
        {
            content: "Choose the outcome",
            trigger: ".o_select_menu_item:contains('promised to pay')",
            run: "click",
        },
        {
            content: "Say what was said",
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit The payment run is on Friday",
        },
        {
            content: "Log it",
            trigger: ".modal footer button[name=action_log]",
            run: "click",
        },
        {
            content: "The dialog of the promise knows the open item",
            trigger: ".modal .o_field_widget[name=line_ids] .o_data_row:contains('20')",
        },
        {
            content: "He promised 4,000",
            trigger: ".modal .o_field_widget[name=amount] input",
            run: "edit 4000 && press Tab",
        },
        {
            content: "Take the promise",
            trigger: ".modal footer button[name=action_make]",
            run: "click",
        },
        {
            content: "The case shows what is promised",
            trigger:
                "body:not(:has(.modal)) .o_form_view .o_field_widget[name=promised_amount]:contains('4,000')",
        },
        {
            content: "And the promise itself",
            trigger: ".o_notebook .nav-link:contains('Promises')",
            run: "click",
        },
        {
            content: "It is open",
            trigger:
                ".o_field_widget[name=promise_ids] .o_data_row:contains('4,000'):contains('Open')",
        },
    ],
});
