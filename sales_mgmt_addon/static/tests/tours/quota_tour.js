import { registry } from "@web/core/registry";

function paste(anchor, text) {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    anchor.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
    );
}

function row(name) {
    return `.o_quota_grid tr:has(.o_quota_name:contains('${name}'))`;
}

function cell(name, month) {
    return `${row(name)} td[data-month='${month}']`;
}

// The team leader types, pastes from a spreadsheet, saves and takes back.
registry.category("web_tour.tours").add("sales_mgmt_quota_grid", {
    steps: () => [
        {
            content: "The targets of both salespeople are there",
            trigger: `${cell("Sm Sales2", 0)}:contains('150')`,
        },
        {
            content: "Choose a cell",
            trigger: `${cell("Sm Sales2", 0)}`,
            run: (helpers) =>
                helpers.anchor.dispatchEvent(
                    new MouseEvent("mousedown", { bubbles: true, button: 0 }),
                ),
        },
        {
            content: "Typing starts the editor",
            trigger: `${cell("Sm Sales2", 0)}.o_quota_cell_active`,
            run: "press 1",
        },
        {
            content: "Enter the target",
            trigger: `${cell("Sm Sales2", 0)} input.o_quota_editor`,
            run: "edit 170 && press Enter",
        },
        {
            content: "The reserve gives the difference at once",
            trigger: `${cell("Reserve", 0)}:contains('130')`,
        },
        {
            content: "Undo what is not saved yet",
            trigger: ".o_quota_grid td.o_quota_cell_active",
            run: "press Control+z",
        },
        {
            content: "The cell is as before",
            trigger: `${cell("Sm Sales2", 0)}:contains('150'):not(.o_quota_cell_edited)`,
        },
        {
            content: "Paste a block, with a text and numbers of a spreadsheet",
            trigger: `${cell("Sm Sales2", 0)}`,
            run: ({ anchor }) => {
                anchor.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, button: 0 }));
                paste(anchor, "160\t155.5\tmany\r\n");
            },
        },
        {
            content: "The text is marked",
            trigger: `${cell("Sm Sales2", 2)}.o_quota_cell_invalid:contains('many')`,
        },
        {
            content: "Say why",
            trigger: "input.o_quota_grid_reason",
            run: "edit Agreed in the meeting",
        },
        {
            content: "Save the numbers",
            trigger: ".o_quota_grid_save:enabled",
            run: "click",
        },
        {
            content: "Two cells are saved, the text is still marked",
            trigger: `${cell("Sm Sales2", 2)}.o_quota_cell_invalid`,
        },
        {
            content: "The pasted numbers are stored",
            trigger: `${cell("Sm Sales2", 1)}:contains('155.5'):not(.o_quota_cell_edited)`,
        },
        {
            content: "Discard the text",
            trigger: ".o_quota_grid_discard",
            run: "click",
        },
        {
            content: "Take back what was saved",
            trigger: ".o_quota_grid_undo:enabled",
            run: "click",
        },
        {
            content: "The targets are as before",
            trigger: `${cell("Sm Sales2", 1)}:contains('150')`,
        },
        {
            content: "Change one for good",
            trigger: `${cell("Sm Sales2", 3)}`,
            run: "dblclick",
        },
        {
            content: "Enter the target",
            trigger: `${cell("Sm Sales2", 3)} input.o_quota_editor`,
            run: "edit 175 && press Enter",
        },
        {
            content: "Save it",
            trigger: ".o_quota_grid_save:enabled",
            run: "click",
        },
        {
            content: "It is stored",
            trigger: `${cell("Sm Sales2", 3)}:contains('175'):not(.o_quota_cell_edited)`,
        },
    ],
});

// The salesperson opens the page with his targets and follows a figure to the invoice.
registry.category("web_tour.tours").add("sales_mgmt_quota_my_targets", {
    steps: () => [
        {
            content: "The figures of the month are there",
            trigger: ".o_my_metric_invoiced .o_my_actual:contains('500')",
        },
        {
            content: "Look at the year",
            trigger: ".o_period_year",
            run: "click",
        },
        {
            content: "Open the entries behind the figure",
            trigger: ".o_period_year.active",
        },
        {
            trigger: ".o_my_metric_invoiced .o_my_entries",
            run: "click",
        },
        {
            content: "Open the invoice behind the entry",
            trigger: ".o_list_view .o_data_row button[name=action_open_source]",
            run: "click",
        },
        {
            content: "This is the invoice",
            trigger: ".o_form_view .o_arrow_button_current:contains('Posted')",
        },
    ],
});

// The regional leader distributes the target of the region down to the persons.
registry.category("web_tour.tours").add("sales_mgmt_quota_distribute", {
    steps: () => [
        {
            content: "Choose the region",
            trigger: cell("Region South", 0),
            run: ({ anchor }) =>
                anchor.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, button: 0 })),
        },
        {
            content: "Distribute its target",
            trigger: ".o_quota_grid_distribute",
            run: "click",
        },
        {
            content: "Choose how",
            trigger: ".modal .o_field_widget[name=method] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('Equal parts')",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit Same for all",
        },
        {
            content: "The share of the team is shown before it is stored",
            trigger: ".modal .o_field_widget[name=line_ids] .o_data_row:contains('9,600')",
        },
        {
            content: "Store it",
            trigger: ".modal footer button[name=action_apply]",
            run: "click",
        },
        {
            content: "The grid shows the new targets",
            trigger: `body:not(:has(.modal)) ${cell("Sm Sales2", 0)}:contains('400')`,
        },
    ],
});

// The salesperson acknowledges his targets.
registry.category("web_tour.tours").add("sales_mgmt_quota_acknowledge", {
    steps: () => [
        {
            content: "Acknowledge the targets",
            trigger: ".o_my_acknowledge .o_acknowledge",
            run: "click",
        },
        {
            content: "That is noted",
            trigger: ".o_my_targets:contains('Acknowledged on'):not(:has(.o_acknowledge))",
        },
    ],
});
