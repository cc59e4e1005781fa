import { Component } from "@odoo/owl";

const ICONS = {
    company: "fa-building-o",
    region: "fa-map-o",
    team: "fa-users",
    person: "fa-user-o",
    reserve: "fa-archive",
};

/** One node: its name, twelve months with a sum after every third, and the year. */
export class QuotaGridRow extends Component {
    static template = "sales_mgmt_addon.QuotaGridRow";
    static props = {
        grid: Object, // the action; always the same object
        index: Number,
        view: Object, // see QuotaGrid.rowView: a new object whenever something changed
        activeMonth: Number, // -1: the active cell is in another row
        range: String, // "from-to": selected months; empty when none is
        editing: { type: [String, Boolean] }, // text with which the editor starts, false when it is closed
    };

    get icon() {
        return ICONS[this.props.view.node.type];
    }

    isSelected(month) {
        if (!this.props.range) {
            return false;
        }
        const [from, to] = this.props.range.split("-").map(Number);
        return month >= from && month <= to;
    }

    isEditing(month) {
        return this.props.activeMonth === month && this.props.editing !== false;
    }

    cellClass(cell) {
        return {
            o_quota_cell_active: this.props.activeMonth === cell.month,
            o_quota_cell_selected: this.isSelected(cell.month),
            o_quota_cell_edited: cell.edited,
            o_quota_cell_invalid: Boolean(cell.error),
            o_quota_cell_conflict: cell.conflict,
            o_quota_cell_readonly: !cell.editable,
            "text-danger": cell.negative,
        };
    }
}
