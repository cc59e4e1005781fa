import { registry } from "@web/core/registry";

function row(text) {
    return `.o_data_row:has(td:contains('${text}'))`;
}

function state(text) {
    return {
        content: `It is ${text}`,
        trigger: `.o_arrow_button_current:contains('${text}')`,
    };
}

// An officer makes the statements until yesterday, posts the one of the seller, and sees that it closes.
registry.category("web_tour.tours").add("sales_mgmt_officer_settles", {
    steps: () => [
        {
            content: "Make the statements",
            trigger: ".modal button[name='action_collect']",
            run: "click",
        },
        {
            content: "Open the draft of the seller",
            trigger: `body:not(:has(.modal)) ${row("Seller One")} td[name='seller_id']`,
            run: "click",
        },
        {
            content: "Post it",
            trigger: ".o_form_view button[name='action_post']",
            run: "click",
        },
        state("Posted"),
        {
            content: "200 and their tax, less the commission and its VAT",
            trigger: ".o_field_widget[name='amount_closing']:contains('187.00')",
        },
    ],
});

// The same officer puts what is payable into a batch of payments.
registry.category("web_tour.tours").add("sales_mgmt_officer_makes_payout", {
    steps: () => [
        {
            content: "A new batch",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Collect the statements",
            trigger: ".o_form_view button.btn-primary[name='action_collect']",
            run: "click",
        },
        {
            content: "The seller is in it",
            trigger: `.o_field_widget[name='payment_ids'] ${row("Seller One")} td[name='amount']:contains('187.00')`,
        },
    ],
});

// Another officer approves the batch and sends it to the bank.
registry.category("web_tour.tours").add("sales_mgmt_officer_pays", {
    steps: () => [
        {
            content: "Open the batch",
            trigger: `${row("187.00")} td[name='name']`,
            run: "click",
        },
        {
            content: "Approve it",
            trigger: ".o_form_view button[name='action_approve']",
            run: "click",
        },
        state("Approved"),
        {
            content: "Send it",
            trigger: ".o_form_view button[name='action_send']",
            run: "click",
        },
        {
            content: "Yes",
            trigger: ".modal .btn-primary",
            run: "click",
        },
        state("Sent"),
        {
            content: "The bank has executed it",
            trigger: ".o_form_view button[name='action_mark_paid']",
            run: "click",
        },
        state("Done"),
    ],
});
