import { Component, onWillStart, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const ROWS = 80;
const SEARCH_DELAY = 300;
const GROUPINGS = [
    ["partner_id", _t("Customer")],
    ["user_id", _t("Salesperson")],
    ["team_id", _t("Sales Team")],
    ["region_id", _t("Region")],
];
const SCOPES = [
    ["all", _t("All")],
    ["mine", _t("My Customers")],
    ["team", _t("My Team Tree")],
];
// from not due to long overdue
const SHADES = ["#71b37c", "#e6c34a", "#e89a3c", "#dd6b45", "#c0392b", "#96281b"];

/** Who owes how much for how long, today or at the end of a past day. */
export class ReceivableAgeing extends Component {
    static template = "sales_mgmt_addon.ReceivableAgeing";
    static components = { DateTimeInput, Dropdown, DropdownItem, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.groupings = GROUPINGS;
        const past = this.props.state || {};
        this.state = useState({
            options: {
                as_of: false,
                group_by: "partner_id",
                scope: "all",
                overdue_only: false,
                hide_disputed: false,
                search: "",
                sort: "total",
                desc: true,
                limit: ROWS,
                ...past.options,
            },
            unfolded: {},
            page: null,
        });
        useSetupAction({ getLocalState: () => ({ options: { ...this.state.options } }) });
        this.loads = 0;
        this.searchLater = useDebounced(
            (text) => this.change({ search: text, limit: ROWS }),
            SEARCH_DELAY,
        );
        onWillStart(() => this.load());
    }

    async load() {
        // the answer to an older question may come after that to a newer one
        const load = ++this.loads;
        const page = await this.orm.call("sales.receivable.ageing", "get_ageing", [
            this.state.options,
        ]);
        if (load === this.loads) {
            this.state.unfolded = {};
            this.state.page = page;
        }
    }

    change(options) {
        Object.assign(this.state.options, options);
        return this.load();
    }

    // ---------------------------------------------------------------- options

    get options() {
        return this.state.options;
    }

    get page() {
        return this.state.page;
    }

    get scopes() {
        return SCOPES.filter(([scope]) => scope !== "team" || this.page.leads);
    }

    get asOf() {
        return deserializeDate(this.options.as_of || this.page.today);
    }

    get isEmpty() {
        return !this.page.sections.some((section) => section.count);
    }

    setAsOf(date) {
        const day = date ? serializeDate(date) : false;
        return this.change({ as_of: day === this.page.today ? false : day });
    }

    setScope(scope) {
        return this.change({ scope, limit: ROWS });
    }

    setGroupBy(ev) {
        return this.change({ group_by: ev.target.value, limit: ROWS });
    }

    toggle(name) {
        return this.change({ [name]: !this.options[name], limit: ROWS });
    }

    /** A second click on a column turns the order around; names begin with the first, figures with the largest. */
    sortBy(sort) {
        const desc = this.options.sort === sort ? !this.options.desc : sort !== "name";
        return this.change({ sort, desc });
    }

    ariaSort(sort) {
        if (this.options.sort !== sort) {
            return "none";
        }
        return this.options.desc ? "descending" : "ascending";
    }

    sortIcon(sort) {
        if (this.options.sort !== sort) {
            return "fa-sort text-muted opacity-50";
        }
        return this.options.desc ? "fa-sort-desc" : "fa-sort-asc";
    }

    loadMore() {
        return this.change({ limit: this.options.limit * 2 });
    }

    // ---------------------------------------------------------------- rows

    get groupLabel() {
        return GROUPINGS.find(([field]) => field === this.options.group_by)[1];
    }

    columns(section) {
        return [
            ...section.columns.map((column, index) => ({ ...column, sort: `bucket:${index}` })),
        ];
    }

    /** The rows of a section, with the customers below each unfolded group. */
    rows(section) {
        const rows = [];
        for (const row of section.rows) {
            const below = this.state.unfolded[row.id];
            rows.push({ ...row, key: `${row.id}`, depth: 0, isOpen: Boolean(below) });
            const inside = below?.find((other) => other.company_ids[0] === section.company_ids[0]);
            for (const child of inside?.rows || []) {
                rows.push({ ...child, key: `${row.id}/${child.id}`, depth: 1, group: row.id });
            }
        }
        return rows;
    }

    get isGrouped() {
        return this.options.group_by !== "partner_id";
    }

    isCustomer(row) {
        return Boolean(row.id) && (!this.isGrouped || row.depth === 1);
    }

    async toggleGroup(row) {
        if (this.state.unfolded[row.id]) {
            delete this.state.unfolded[row.id];
            return;
        }
        const { group_by: field } = this.options;
        const page = await this.orm.call("sales.receivable.ageing", "get_ageing", [
            { ...this.options, group_by: "partner_id", within: { field, id: row.id }, limit: 500 },
        ]);
        this.state.unfolded[row.id] = page.sections;
    }

    /** Large figures without the small change, which is in the tooltip and in the files. */
    money(value, section) {
        const digits = Math.abs(value) >= 1000 ? [16, 0] : undefined;
        return value ? formatCurrency(value, section.currency_id, { noSymbol: true, digits }) : "–";
    }

    exactly(value, section) {
        return formatCurrency(value, section.currency_id);
    }

    /** The debt of a row by age, as parts of the largest debt. */
    shares(row, section) {
        const largest = section.largest || 1;
        return row.buckets
            .map((amount, index) => ({
                index,
                width: Math.max((amount / largest) * 100, 0),
                color: SHADES[Math.min(index, SHADES.length - 1)],
                title: `${section.columns[index].label}: ${this.exactly(amount, section)}`,
            }))
            .filter((part) => part.width > 0);
    }

    shareLabel(row, section) {
        const owed = row.buckets.reduce((sum, amount) => sum + amount, 0);
        const all = section.totals.buckets.reduce((sum, amount) => sum + amount, 0);
        return all ? _t("%s% of all debts", Math.round((owed / all) * 100)) : "";
    }

    // ---------------------------------------------------------------- actions

    /** Open the items behind a figure; of all rows without a row. */
    openItems(section, domain, row) {
        const full = [...this.page.domain, ["company_id", "in", section.company_ids], ...domain];
        if (row) {
            const field = row.depth === 1 ? "partner_id" : this.options.group_by;
            full.push([field, "=", row.id]);
            if (row.depth === 1) {
                full.push([this.options.group_by, "=", row.group]);
            }
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: row ? row.name : _t("Open Items"),
            res_model: "sales.receivable.report",
            views: [
                [false, "list"],
                [false, "form"],
                [false, "pivot"],
                [false, "graph"],
            ],
            domain: full,
            context: this.page.context,
        });
    }

    get receiptDomain() {
        return [["is_receipt", "=", true]];
    }

    get disputedDomain() {
        return [["dispute_id", "!=", false]];
    }

    openCustomer(row) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: row.id,
            views: [[false, "form"]],
        });
    }

    async callOnCustomer(method, row) {
        await this.action.doAction(await this.orm.call("res.partner", method, [[row.id]]));
    }

    exportAs(format) {
        return download({
            url: `/receivables/ageing/${format}`,
            data: {
                options: JSON.stringify(this.options),
                companies: JSON.stringify(user.context.allowed_company_ids),
            },
        });
    }
}

registry.category("actions").add("sales_receivable_ageing", ReceivableAgeing);
