import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";
import { parseAmount } from "../quota_grid/number_parser";
import { formatFigure, formatMonth } from "./figures";

/** The person proposes what he himself thinks he can reach. */
export class ProposeDialog extends Component {
    static template = "sales_mgmt_addon.ProposeDialog";
    static components = { Dialog };
    static props = { node: Object, onProposed: Function, close: Function };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        const [row] = this.props.node.rows;
        this.state = useState({
            metricId: row?.metric.id,
            texts: {},
            reason: "",
            isSending: false,
        });
    }

    get rows() {
        return this.props.node.rows;
    }

    get row() {
        return this.rows.find((row) => row.metric.id === this.state.metricId);
    }

    get months() {
        return this.row.months.map((month) => {
            const text = this.state.texts[this.key(month)];
            return {
                ...month,
                label: formatMonth(month.month),
                assigned: this.format(month.target),
                text: text ?? (month.proposed === false ? "" : this.plain(month.proposed)),
                isInvalid: text !== undefined && !this.isValid(text),
            };
        });
    }

    get totals() {
        const row = this.row;
        let assigned = 0;
        let proposed = 0;
        for (const month of row.months) {
            const text = this.state.texts[this.key(month)];
            const typed = text === undefined ? month.proposed : parseAmount(text);
            assigned += month.target;
            proposed += typeof typed === "number" ? typed : month.target;
        }
        const divisor = row.metric.is_additive ? 1 : row.months.length;
        return {
            assigned: this.format(assigned / divisor),
            proposed: this.format(proposed / divisor),
            difference: this.format((proposed - assigned) / divisor),
        };
    }

    key(month) {
        return `${this.state.metricId}:${month.month}`;
    }

    format(value) {
        return formatFigure(value, this.row.metric, this.props.node.plan.currency_id);
    }

    plain(value) {
        return formatFloat(value, { digits: [16, 2], trailingZeros: false });
    }

    isValid(text) {
        const value = parseAmount(text);
        return value === null || value >= 0;
    }

    onInput(month, ev) {
        this.state.texts[this.key(month)] = ev.target.value;
    }

    onMetricChange(ev) {
        this.state.metricId = Number(ev.target.value);
    }

    /** What was typed, of all metrics: [metric, month, amount]. */
    get proposals() {
        const proposals = [];
        for (const [key, text] of Object.entries(this.state.texts)) {
            const value = parseAmount(text);
            if (typeof value === "number") {
                const [metricId, month] = key.split(":");
                proposals.push([Number(metricId), month, value]);
            }
        }
        return proposals;
    }

    get canSend() {
        const isValid = Object.values(this.state.texts).every((text) => this.isValid(text));
        return isValid && this.proposals.length > 0 && !this.state.isSending;
    }

    async send() {
        this.state.isSending = true;
        try {
            await this.orm.call("sales.quota.node", "action_propose", [
                [this.props.node.id],
                this.proposals,
                this.state.reason.trim() || false,
            ]);
        } finally {
            this.state.isSending = false;
        }
        this.notification.add(_t("Your leader will see what you proposed."), { type: "success" });
        this.props.onProposed();
        this.props.close();
    }
}
