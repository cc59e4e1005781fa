import { registry } from "@web/core/registry";

function row(text) {
    return `.o_data_row:has(td:contains('${text}'))`;
}

// The salesperson opens his items, gives one a reason and a comment, and another one a promise.
registry.category("web_tour.tours").add("sales_mgmt_pack_comment", {
    steps: () => [
        {
            content: "His own items are there, those of his colleague are not",
            trigger: `.o_list_view:not(:has(td:contains('Other Customer'))) ${row("Slipping")} td[name='reason_code']`,
            run: "click",
        },
        {
            content: "Choose the reason",
            trigger: `.o_selected_row td[name='reason_code'] input`,
            run: "click",
        },
        {
            content: "Other, which needs a few words",
            trigger: ".o_select_menu_item:contains('Other')",
            run: "click",
        },
        {
            content: "It is chosen",
            trigger: ".o_selected_row td[name='reason_code'] input:value('Other')",
        },
        {
            content: "Say what the customer said",
            trigger: ".o_selected_row td[name='comment'] textarea",
            run: "edit The buyer left, his successor pays next week",
        },
        {
            content: "Save",
            trigger: ".o_list_button_save",
            run: "click",
        },
        {
            content:
                "It is commented, and leaves the list of what is missing when it is loaded again",
            trigger: `${row("Slipping")} td[name='comment_state']:contains('Commented')`,
        },
    ],
});

// The leader sees that nothing is missing, writes a coaching note and closes the pack.
registry.category("web_tour.tours").add("sales_mgmt_pack_close", {
    steps: () => [
        {
            content: "Open the pack",
            trigger: `${row("Team Shenzhen")} td[name='name']`,
            run: "click",
        },
        {
            content: "Look at the people",
            trigger: ".o_notebook a[name='people']",
            run: "click",
        },
        {
            content: "Open the salesperson",
            trigger: `.o_field_widget[name='person_ids'] ${row("Sm Sales")}:not(:has(td:contains('Sm Sales2'))) td[name='residual']`,
            run: "click",
        },
        {
            content: "His row opens",
            trigger: ".modal a[name='note'], .o_form_view a[name='note']",
            run: "click",
        },
        {
            content: "Advise him",
            trigger: ".o_field_widget[name='coaching_note'] .odoo-editor-editable",
            run: "editor Call a week before the due date",
        },
        {
            content: "Save the note",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "Close the pack",
            trigger: "body:not(:has(.modal)) button[name='action_close']",
            run: "click",
        },
        {
            content: "It is closed",
            trigger: ".o_arrow_button_current:contains('Closed')",
        },
    ],
});
