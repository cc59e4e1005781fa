import { registry } from "@web/core/registry";

// The credit controller starts a run, checks what it proposes and sends it.
registry.category("web_tour.tours").add("sales_mgmt_controller_duns", {
    steps: () => [
        {
            content: "Start a run",
            trigger: ".o_list_view .o_list_button_add",
            run: "click",
        },
        {
            content: "Propose the letters",
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_propose]:enabled",
            run: "click",
        },
        {
            content: "The letter of the customer is proposed at the highest level",
            trigger:
                ".o_field_widget[name=letter_ids] .o_data_row:contains('Gate Customer'):contains('Final')",
        },
        {
            content: "Send all",
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_send]:enabled",
            run: "click",
        },
        {
            content: "I have checked them",
            trigger: ".modal footer button.btn-primary",
            run: "click",
        },
        {
            content: "The letters are on their way",
            trigger: ".o_form_view .o_arrow_button_current:contains('Sending')",
        },
    ],
});

// The salesperson confirms an order of a customer whose supply dunning stops.
registry.category("web_tour.tours").add("sales_mgmt_order_stopped_by_dunning", {
    steps: () => [
        {
            content: "Confirm the quotation",
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_confirm]:enabled",
            run: "click",
        },
        {
            content: "The banner says that dunning stops it, and for how much",
            trigger:
                "div[name=gate_hold_banner]:contains('On hold'):contains('Stopped by dunning'):contains('Final'):contains('300.00')",
        },
    ],
});

// Once the customer has paid, the same order is checked again and goes through.
registry.category("web_tour.tours").add("sales_mgmt_order_free_after_payment", {
    steps: () => [
        {
            content: "Check again",
            trigger: ".o_form_view button[name=action_gate_recheck]:enabled",
            run: "click",
        },
        {
            content: "The order is confirmed",
            trigger: ".o_form_view .o_arrow_button_current:contains('Sales Order')",
        },
    ],
});
