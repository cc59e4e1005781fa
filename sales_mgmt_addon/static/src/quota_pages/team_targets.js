import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { AttainmentBar } from "./attainment_bar";
import {
    FORECASTS,
    formatCompact,
    formatFigure,
    formatMonth,
    formatPercent,
    formatPeriod,
    isKnown,
    monthFigure,
    PERIODS,
    STATUS,
    statusOf,
} from "./figures";
import { QuotaChart } from "./quota_chart";

const PERSONS_IN_CHART = 15;
// attainment of a month in % up to which a colour of the heat map holds
const HEAT = [
    [60, "bg-danger bg-opacity-50"],
    [90, "bg-danger bg-opacity-25"],
    [110, ""],
    [150, "bg-success bg-opacity-25"],
    [Infinity, "bg-success bg-opacity-50"],
];
const ICONS = {
    company: "fa-building-o",
    region: "fa-map-o",
    team: "fa-users",
    person: "fa-user-o",
};

/** The tree of a plan as far as the user leads it: who is ahead, who is behind, who has not answered. */
export class TeamTargets extends Component {
    static template = "sales_mgmt_addon.TeamTargets";
    static components = { AttainmentBar, Layout, QuotaChart };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.periods = PERIODS;
        this.statusOf = statusOf;
        this.icons = ICONS;
        const past = this.props.state || {};
        this.state = useState({
            period: past.period || "month",
            onDate: past.onDate || false,
            planId: past.planId || this.props.action.context?.plan_id || false,
            metricId: past.metricId || false,
            filter: past.filter || "all",
            folded: past.folded || {},
            page: null,
        });
        useSetupAction({
            getLocalState: () => {
                const { period, onDate, planId, metricId, filter, folded } = this.state;
                return { period, onDate, planId, metricId, filter, folded: { ...folded } };
            },
        });
        onWillStart(() => this.load());
    }

    async load() {
        const { period, metricId, onDate, planId } = this.state;
        const page = await this.orm.call(
            "sales.quota.plan",
            "get_team_page",
            [planId ? [planId] : []],
            { period, metric_id: metricId, on_date: onDate },
        );
        this.state.page = page;
        this.state.metricId = page.metric || false;
        this.state.planId = page.plan.id || false;
    }

    get page() {
        return this.state.page;
    }

    get metric() {
        return this.page.metrics.find((metric) => metric.id === this.page.metric);
    }

    get periodLabel() {
        return formatPeriod(this.page.date_from, this.page.date_to);
    }

    async setPeriod(period) {
        this.state.period = period;
        await this.load();
    }

    async goTo(day) {
        this.state.onDate = day;
        await this.load();
    }

    async setPlan(ev) {
        this.state.planId = Number(ev.target.value);
        this.state.metricId = false;
        await this.load();
    }

    async setMetric(metricId) {
        this.state.metricId = metricId;
        await this.load();
    }

    // ---------------------------------------------------------------- rows

    get filters() {
        const count = (test) => this.page.nodes.filter(test).length;
        return [
            { id: "all", label: _t("All") },
            {
                id: "behind",
                label: _t("Behind"),
                count: count((node) => node.status === "behind"),
                color: "danger",
            },
            {
                id: "missing",
                label: _t("Not acknowledged"),
                count: count((node) => node.is_missing_acknowledgement),
                color: "warning",
            },
            {
                id: "actions",
                label: _t("With open actions"),
                count: count((node) => node.type === "person" && node.actions),
                color: "info",
            },
        ];
    }

    matches(node) {
        return {
            behind: node.status === "behind",
            missing: node.is_missing_acknowledgement,
            actions: node.actions > 0,
        }[this.state.filter];
    }

    /** What is shown: the unfolded tree, or what the filter finds with the nodes above it. */
    get rows() {
        const nodes = this.page.nodes;
        if (this.state.filter === "all") {
            const hidden = new Set();
            return nodes.filter((node) => {
                if (hidden.has(node.parent) || this.state.folded[node.parent]) {
                    hidden.add(node.id);
                    return false;
                }
                return true;
            });
        }
        const byId = new Map(nodes.map((node) => [node.id, node]));
        const shown = new Set();
        for (const node of nodes.filter((node) => this.matches(node))) {
            for (let above = node; above; above = byId.get(above.parent)) {
                shown.add(above.id);
            }
        }
        return nodes.filter((node) => shown.has(node.id));
    }

    get parents() {
        return new Set(this.page.nodes.map((node) => node.parent));
    }

    toggle(node) {
        this.state.folded[node.id] = !this.state.folded[node.id];
    }

    figure(value) {
        return formatFigure(value, this.metric, this.page.plan.currency_id);
    }

    percent(value) {
        return formatPercent(value, 0);
    }

    /** The forecast that knows most, and all of them for the tooltip. */
    forecast(node) {
        const known = node.forecasts.filter((forecast) => isKnown(forecast.value));
        const best = known.find((forecast) => forecast.method === "seasonal") || known[0];
        return {
            text: best ? this.figure(best.value) : "–",
            title: node.forecasts
                .map(({ method, value, error }) => {
                    const figure = isKnown(value) ? this.figure(value) : _t("not enough data");
                    const past = isKnown(error) ? ` (± ${formatPercent(error, 0)})` : "";
                    return `${FORECASTS[method].label}: ${figure}${past}`;
                })
                .join("\n"),
        };
    }

    // ---------------------------------------------------------------- months

    get monthLabels() {
        const [first] = this.page.nodes;
        return first.months.map(({ month }) => formatMonth(month));
    }

    /** The months of a node with the attainment of each; what has not begun yet is empty. */
    monthCells(node) {
        return node.months.map(({ month, target, value, quantity }) => {
            const actual = monthFigure(this.metric, value, quantity);
            if (!target || !isKnown(actual) || month > this.page.today) {
                return { text: "", color: "", title: "" };
            }
            const percent = (actual / target) * 100;
            const better = this.metric.higher_is_better ? percent : 200 - percent;
            return {
                text: formatPercent(percent, 0),
                color: HEAT.find(([limit]) => better < limit)[1],
                title: `${this.figure(actual)} / ${this.figure(target)}`,
            };
        });
    }

    // ---------------------------------------------------------------- chart

    get persons() {
        return this.page.nodes
            .filter((node) => node.type === "person" && (node.actual || node.target))
            .sort((a, b) => (b.actual || 0) - (a.actual || 0))
            .slice(0, PERSONS_IN_CHART);
    }

    get chartHeight() {
        return 50 + this.persons.length * 36;
    }

    get chartConfig() {
        const persons = this.persons;
        const metric = this.metric;
        return (colours) => ({
            type: "bar",
            data: {
                labels: persons.map((node) => node.name),
                datasets: [
                    {
                        label: _t("Actual"),
                        data: persons.map((node) => node.actual || 0),
                        backgroundColor: persons.map(
                            (node) => colours[STATUS[node.status].color] || colours.secondary,
                        ),
                        barPercentage: 0.7,
                    },
                    {
                        label: _t("Target"),
                        data: persons.map((node) => node.target),
                        backgroundColor: `${colours.secondary}55`,
                        barPercentage: 0.7,
                    },
                ],
            },
            options: {
                indexAxis: "y",
                responsive: true,
                maintainAspectRatio: false,
                animation: false,
                onClick: (ev, [element]) => element && this.openNode(persons[element.index]),
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        callbacks: {
                            label: ({ dataset, raw }) => `${dataset.label}: ${this.figure(raw)}`,
                        },
                    },
                },
                scales: {
                    x: {
                        beginAtZero: true,
                        title: { display: true, text: metric.name, color: colours.text },
                        grid: { color: colours.grid },
                        ticks: {
                            color: colours.text,
                            maxTicksLimit: 5,
                            callback: (value) => formatCompact(value),
                        },
                    },
                    y: { grid: { display: false }, ticks: { color: colours.text } },
                },
            },
        });
    }

    // ---------------------------------------------------------------- actions

    openNode(node) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "sales.quota.node",
            res_id: node.id,
            views: [[false, "form"]],
        });
    }

    async openEntries(node) {
        const action = await this.orm.call("sales.quota.node", "action_open_entries", [[node.id]], {
            metric_id: this.page.metric,
            date_from: this.page.date_from,
            date_to: this.page.date_to,
        });
        await this.action.doAction(action);
    }

    openActions(node) {
        return this.action.doAction("sales_mgmt_addon.sales_quota_action_action", {
            additionalContext: { search_default_node_id: node.id },
        });
    }

    openGrid() {
        return this.action.doAction("sales_mgmt_addon.sales_quota_grid_action", {
            additionalContext: { active_id: this.page.plan.id, active_model: "sales.quota.plan" },
        });
    }

    distribute(node) {
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: _t("Distribute Target"),
                res_model: "sales.quota.distribute",
                views: [[false, "form"]],
                target: "new",
                context: {
                    dialog_size: "extra-large",
                    default_node_id: node.id,
                    default_metric_id: this.page.metric,
                },
            },
            { onClose: () => this.load() },
        );
    }
}

registry.category("actions").add("sales_quota_team", TeamTargets);
