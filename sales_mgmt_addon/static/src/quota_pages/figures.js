import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { nbsp } from "@web/core/utils/strings";
import { formatFloat } from "@web/core/utils/numbers";

const { DateTime, Interval } = luxon;

export const PERIODS = [
    ["month", _t("Month")],
    ["quarter", _t("Quarter")],
    ["year", _t("Year")],
];

/** Colour, sign and text: none of them alone carries the meaning. */
export const STATUS = {
    ahead: { label: _t("Ahead"), icon: "fa-arrow-circle-up", color: "success" },
    on_track: { label: _t("On track"), icon: "fa-check-circle", color: "info" },
    behind: { label: _t("Behind"), icon: "fa-exclamation-triangle", color: "danger" },
    none: { label: _t("No target"), icon: "fa-circle-o", color: "secondary" },
};

export const SEVERITY_ICONS = {
    info: "fa-info-circle text-info",
    warning: "fa-exclamation-circle text-warning",
    critical: "fa-exclamation-triangle text-danger",
};

export const FORECASTS = {
    run_rate: {
        label: _t("At the present rate"),
        help: _t("What is done so far, per working day, for all working days of the period."),
    },
    seasonal: {
        label: _t("By the season"),
        help: _t("What is done so far, divided by the share that is usually done by now."),
    },
    pipeline: {
        label: _t("With the pipeline"),
        help: _t(
            "What is done so far and the open opportunities of the period, weighted by how often their stage leads to an order.",
        ),
    },
};

/** The traffic light of some figures: a target without a result yet is not the same as no target. */
export function statusOf(figures) {
    return figures.status === "none" && figures.target > 0
        ? { ...STATUS.none, label: _t("No result yet") }
        : STATUS[figures.status];
}

export function isKnown(value) {
    return value !== null && value !== undefined && value !== false;
}

/** Write a figure in the way of its metric; what is not known as a dash. */
export function formatFigure(value, metric, currencyId) {
    if (!isKnown(value)) {
        return "–";
    }
    if (metric.kind === "money") {
        const digits = Math.abs(value) >= 1000 || Number.isInteger(value) ? [16, 0] : undefined;
        return formatCurrency(value, currencyId, { digits });
    }
    const text = formatFloat(value, { digits: [16, 2], trailingZeros: false });
    if (metric.kind === "ratio") {
        return formatPercent(value);
    }
    return metric.unit ? `${text}${nbsp}${metric.unit}` : text;
}

export function formatPercent(value, decimals = 1) {
    return isKnown(value)
        ? `${formatFloat(value, { digits: [16, decimals], trailingZeros: false })}${nbsp}%`
        : "–";
}

/** A short figure for the axis of a chart: 2M, 200 万. */
export function formatCompact(value) {
    return Intl.NumberFormat(user.lang, { notation: "compact" }).format(value);
}

/** The figure of one month: a sum, or the ratio in % or average of what was booked. */
export function monthFigure(metric, value, quantity) {
    if (metric.is_additive) {
        return value;
    }
    return quantity ? (value / quantity) * (metric.kind === "ratio" ? 100 : 1) : null;
}

export function formatMonth(month) {
    return DateTime.fromISO(month).toFormat("LLL");
}

/** "March 2026", or "January – March 2026" for more months. */
export function formatPeriod(dateFrom, dateTo) {
    const from = DateTime.fromISO(dateFrom);
    const to = DateTime.fromISO(dateTo);
    return from.hasSame(to, "month")
        ? from.toLocaleString({ month: "long", year: "numeric" })
        : Interval.fromDateTimes(from, to).toLocaleString({ month: "short", year: "numeric" });
}
