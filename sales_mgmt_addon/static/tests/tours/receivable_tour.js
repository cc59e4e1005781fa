import { registry } from "@web/core/registry";

const TABLE = ".o_ageing_table";

function row(name) {
    return `${TABLE} tbody tr:has(.o_ageing_name:contains('${name}'))`;
}

function first(name) {
    return `${TABLE} tbody tr:first-child .o_ageing_name:contains('${name}')`;
}

// The credit controller sorts, looks at a past day, filters, unfolds a salesperson and opens the items of a cell.
registry.category("web_tour.tours").add("sales_mgmt_receivable_ageing", {
    steps: () => [
        {
            content: "The largest debt comes first, with its total",
            trigger: `${first("Other Customer")}`,
        },
        {
            content: "The column says how it is sorted",
            trigger: `${TABLE} th[aria-sort='descending'] [data-sort='total']`,
        },
        {
            content: "Sort by name",
            trigger: `${TABLE} [data-sort='name']`,
            run: "click",
        },
        {
            content: "The customers are in order",
            trigger: `${TABLE} th[aria-sort='ascending'] [data-sort='name']`,
        },
        {
            content: "Aardvark is first",
            trigger: `${first("Aardvark")}`,
        },
        {
            content: "Go 60 days back",
            trigger: ".o_ageing_day input",
            run() {
                const day = luxon.DateTime.now().minus({ days: 60 });
                const input = document.querySelector(".o_ageing_day input");
                input.value = day.toFormat("MM/dd/yyyy");
                input.dispatchEvent(new Event("input", { bubbles: true }));
                input.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        {
            content: "Then the debt was younger",
            trigger: `${row("Other Customer")} [data-column='bucket:1']:contains('1,000')`,
        },
        {
            content: "Open the items of that day",
            trigger: `${row("Other Customer")} [data-column='bucket:1']`,
            run: "click",
        },
        {
            content: "There is one item, 10 days overdue then",
            trigger:
                ".o_list_view:not(:has(.o_data_row + .o_data_row)) .o_data_row td[name='days_overdue']:contains('10')",
        },
        {
            content: "Go back",
            trigger: ".breadcrumb-item.o_back_button a, .o_back_button",
            run: "click",
        },
        {
            content: "The day is kept",
            trigger: ".o_ageing_today",
            run: "click",
        },
        {
            content: "Back to now",
            trigger: `${row("Other Customer")} [data-column='bucket:3']:contains('1,000')`,
        },
        {
            content: "Group by salesperson",
            trigger: ".o_ageing_group",
            run: "select user_id",
        },
        {
            content: "Unfold one of them",
            trigger: `${row("Sm Sales2")} .o_ageing_fold[aria-expanded='false']`,
            run: "click",
        },
        {
            content: "His customer is below",
            trigger: `${row("Other Customer")} [data-column='total']:contains('1,000')`,
        },
        {
            content: "Group by customer again",
            trigger: ".o_ageing_group",
            run: "select partner_id",
        },
        {
            content: "Search",
            trigger: ".o_ageing_search",
            run: "edit credit cust",
        },
        {
            content: "One customer is left, and the totals are his",
            trigger: `${TABLE}:not(:has(.o_ageing_name:contains('Other'))) .o_ageing_totals [data-column='total']:contains('650')`,
        },
        {
            content: "Open his menu",
            trigger: `${row("Credit Customer")} .o_ageing_menu`,
            run: "click",
        },
        {
            content: "Open his statement",
            trigger: ".o-dropdown--menu .o-dropdown-item:contains('Statement')",
            run: "click",
        },
        {
            content: "The dialog asks for the period",
            trigger: ".modal button[name='action_print']",
        },
        {
            content: "Close it",
            trigger: ".modal button.btn-secondary:contains('Discard')",
            run: "click",
        },
    ],
});

// A salesperson sees his own customers only, and disputes an item.
registry.category("web_tour.tours").add("sales_mgmt_receivable_own", {
    steps: () => [
        {
            content: "His customers are there, nobody else's",
            trigger: `${TABLE}:has(.o_ageing_name:contains('Aardvark')):not(:has(.o_ageing_name:contains('Other Customer')))`,
        },
        {
            content: "Open what is overdue for long",
            trigger: `${row("Credit Customer")} [data-column='bucket:4']`,
            run: "click",
        },
        {
            content: "Dispute the item",
            trigger: ".o_list_view .o_data_row button[name='action_open_dispute']",
            run: "click",
        },
        {
            content: "Open the reasons",
            trigger: ".modal [name='reason'] input",
            run: "click",
        },
        {
            content: "Choose one",
            trigger: ".o_select_menu_item:contains('Quality')",
            run: "click",
        },
        {
            content: "Open the dispute",
            trigger: ".modal button[name='action_open']",
            run: "click",
        },
        {
            content: "It waits to be settled",
            trigger: ".o_form_view button[name='action_accept']",
        },
    ],
});
