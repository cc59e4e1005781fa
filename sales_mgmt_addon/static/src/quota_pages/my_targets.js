import { Component, onWillStart, useState } from "@odoo/owl";
import { deserializeDateTime, formatDate } from "@web/core/l10n/dates";
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
    SEVERITY_ICONS,
    statusOf,
} from "./figures";
import { ProposeDialog } from "./propose_dialog";
import { QuotaChart } from "./quota_chart";

const { DateTime } = luxon;

/** What the user himself has to reach, how far he is, and what closes the gap. */
export class MyTargets extends Component {
    static template = "sales_mgmt_addon.MyTargets";
    static components = { AttainmentBar, Layout, QuotaChart };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.periods = PERIODS;
        this.statusOf = statusOf;
        this.severityIcons = SEVERITY_ICONS;
        const past = this.props.state || {};
        this.state = useState({
            period: past.period || "month",
            onDate: past.onDate || false,
            page: null,
        });
        useSetupAction({
            getLocalState: () => ({ period: this.state.period, onDate: this.state.onDate }),
        });
        onWillStart(() => this.load());
    }

    async load() {
        this.state.page = await this.orm.call("sales.quota.plan", "get_my_page", [], {
            period: this.state.period,
            on_date: this.state.onDate,
        });
    }

    get page() {
        return this.state.page;
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

    // ---------------------------------------------------------------- texts

    figure(node, row, value) {
        return formatFigure(value, row.metric, node.plan.currency_id);
    }

    money(node, value) {
        return formatFigure(value, { kind: "money" }, node.plan.currency_id);
    }

    percent(value) {
        return formatPercent(value);
    }

    pace(row) {
        if (!isKnown(row.pace_percent)) {
            return "";
        }
        return _t("%(pace)s of the pace; %(passed)s of %(total)s working days have passed.", {
            pace: formatPercent(row.pace_percent),
            passed: row.days_passed,
            total: row.days_total,
        });
    }

    gap(node, row) {
        if (!isKnown(row.actual)) {
            return "";
        }
        const isMore = row.metric.higher_is_better;
        if (!isMore) {
            return row.gap >= 0
                ? _t("%s below the limit", this.figure(node, row, row.gap))
                : _t("%s above the limit", this.figure(node, row, -row.gap));
        }
        if (row.gap > 0 && !row.metric.is_additive) {
            return _t("%s below the target", this.figure(node, row, row.gap));
        }
        return row.gap > 0
            ? _t("%s to go", this.figure(node, row, row.gap))
            : _t("Reached, %s more than the target", this.figure(node, row, -row.gap));
    }

    /** What closes the gap, in words. */
    closing(node, row) {
        if (!row.metric.is_additive || !row.metric.higher_is_better || row.gap <= 0) {
            return "";
        }
        if (!isKnown(row.deals_needed)) {
            return _t(
                "There are not enough deals of the last twelve months to say what closes the gap.",
            );
        }
        const values = {
            deals: row.deals_needed,
            deal: this.money(node, row.average_deal),
            opportunities: row.opportunities_needed,
            pipeline: this.money(node, row.pipeline_needed),
            rate: isKnown(row.win_rate) ? formatPercent(row.win_rate * 100) : "",
        };
        const sentences = [this.dealsNeeded(row, values)];
        if (isKnown(row.opportunities_needed)) {
            sentences.push(
                isKnown(row.pipeline_needed)
                    ? _t(
                          "At your win rate of %(rate)s that takes %(opportunities)s opportunities worth %(pipeline)s.",
                          values,
                      )
                    : _t(
                          "At your win rate of %(rate)s that takes %(opportunities)s opportunities.",
                          values,
                      ),
            );
        }
        return sentences.join(" ");
    }

    dealsNeeded({ deals_needed, average_deal }, values) {
        if (!isKnown(average_deal)) {
            return deals_needed === 1
                ? _t("One deal closes it.")
                : _t("%(deals)s deals close it.", values);
        }
        return deals_needed === 1
            ? _t("One deal of your average size (%(deal)s) closes it.", values)
            : _t("%(deals)s deals of your average size (%(deal)s) close it.", values);
    }

    forecasts(node, row) {
        return row.forecasts.map(({ method, value, error }) => ({
            method,
            ...FORECASTS[method],
            value: isKnown(value) ? this.figure(node, row, value) : _t("not enough data"),
            isKnown: isKnown(value),
            error: isKnown(error) ? _t("± %s so far", formatPercent(error, 0)) : "",
        }));
    }

    share(row) {
        if (!isKnown(row.share_low)) {
            return "";
        }
        return _t("Market share between %(low)s and %(high)s", {
            low: formatPercent(row.share_low),
            high: formatPercent(row.share_high),
        });
    }

    acknowledgedText(node) {
        return _t("Acknowledged on %s", formatDate(deserializeDateTime(node.acknowledged_on)));
    }

    date(text) {
        return text ? formatDate(DateTime.fromISO(text)) : "";
    }

    // ---------------------------------------------------------------- chart

    /** Target against result over the year: added up, or month by month for averages. */
    chartConfig(node, row) {
        const { metric, months } = row;
        const isOver = (month) => month.month > this.page.today;
        let target = 0;
        let actual = 0;
        const targets = months.map((month) => {
            target = metric.is_additive ? target + month.target : month.target;
            return target;
        });
        const actuals = months.map((month) => {
            if (isOver(month)) {
                return null;
            }
            const figure = monthFigure(metric, month.value, month.quantity);
            actual += figure;
            return metric.is_additive ? actual : figure;
        });
        return (colours) => ({
            type: "line",
            data: {
                labels: months.map((month) => formatMonth(month.month)),
                datasets: [
                    {
                        label: _t("Target"),
                        data: targets,
                        borderColor: colours.secondary,
                        borderDash: [4, 4],
                        borderWidth: 2,
                        pointRadius: 0,
                    },
                    {
                        label: _t("Actual"),
                        data: actuals,
                        borderColor: colours.primary,
                        backgroundColor: `${colours.primary}22`,
                        fill: "origin",
                        borderWidth: 2,
                        pointRadius: 2,
                    },
                ],
            },
            options: {
                responsive: true,
                maintainAspectRatio: false,
                animation: false,
                interaction: { mode: "index", intersect: false },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        callbacks: {
                            label: ({ dataset, raw }) =>
                                `${dataset.label}: ${this.figure(node, row, raw)}`,
                        },
                    },
                },
                scales: {
                    x: { grid: { display: false }, ticks: { color: colours.text } },
                    y: {
                        beginAtZero: true,
                        grid: { color: colours.grid },
                        ticks: {
                            color: colours.text,
                            maxTicksLimit: 4,
                            callback: (value) => formatCompact(value),
                        },
                    },
                },
            },
        });
    }

    // ---------------------------------------------------------------- what the user does

    async openEntries(node, row) {
        const action = await this.orm.call("sales.quota.node", "action_open_entries", [[node.id]], {
            metric_id: row.metric.id,
            date_from: this.page.date_from,
            date_to: this.page.date_to,
        });
        await this.action.doAction(action);
    }

    async acknowledge(node) {
        await this.orm.call("sales.quota.node", "action_acknowledge", [[node.id]]);
        this.notification.add(_t("You acknowledged your targets."), { type: "success" });
        await this.load();
    }

    propose(node) {
        this.dialog.add(ProposeDialog, {
            node,
            onProposed: () => this.load(),
        });
    }

    open(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("sales_quota_my", MyTargets);
