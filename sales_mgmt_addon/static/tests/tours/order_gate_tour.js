import { registry } from "@web/core/registry";

// The salesperson confirms an order that the customer's credit does not bear.
registry.category("web_tour.tours").add("sales_mgmt_order_goes_on_hold", {
    steps: () => [
        {
            content: "Confirm the quotation",
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_confirm]:enabled",
            run: "click",
        },
        {
            content: "The banner says that the order is on hold, and why",
            trigger: "div[name=gate_hold_banner]:contains('On hold'):contains('1,000')",
        },
        {
            content: "It is still a quotation and cannot be confirmed again",
            trigger: ".o_statusbar_buttons:not(:has(button[name=action_confirm]))",
        },
    ],
});

// The credit controller decides in the queue.
registry.category("web_tour.tours").add("sales_mgmt_controller_approves", {
    steps: () => [
        {
            content: "Open the request from the queue",
            trigger: ".o_kanban_record:contains('Gate Customer')",
            run: "click",
        },
        {
            content: "Approve",
            trigger: ".o_form_view .o_statusbar_buttons button:contains('Approve')",
            run: "click",
        },
        {
            content: "Give a reason",
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit Pays within the week",
        },
        {
            content: "Confirm the decision",
            trigger: ".modal footer button.btn-primary",
            run: "click",
        },
        {
            content: "The request is approved",
            trigger: ".o_form_view .o_arrow_button_current:contains('Approved')",
        },
    ],
});

// The customer signs while the order is over his limit.
registry.category("web_tour.tours").add("sales_mgmt_customer_signs", {
    steps: () => [
        {
            content: "Open the signature dialog",
            trigger: "a[data-bs-target='#modalaccept']",
            run: "click",
        },
        {
            content: "Sign with the name in automatic style",
            trigger: ".o_web_sign_auto_button",
            run: "click",
        },
        {
            content: "Send the signature",
            trigger: ".o_portal_sign_submit:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "A neutral message",
            trigger: "[name=gate_on_hold]:contains('are checking it')",
        },
    ],
});
