import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatPercent, isKnown, STATUS } from "./figures";

/** How much of a target is reached, with a mark where it should be by now. */
export class AttainmentBar extends Component {
    static template = "sales_mgmt_addon.AttainmentBar";
    static props = {
        figures: Object, // target, actual, expected, attainment, status
        compact: { type: Boolean, optional: true },
    };

    get width() {
        const { attainment } = this.props.figures;
        return isKnown(attainment) ? Math.max(0, Math.min(attainment, 100)) : 0;
    }

    get color() {
        return STATUS[this.props.figures.status].color;
    }

    /** Where the mark stands in %, false when it makes no sense. */
    get mark() {
        const { expected, target } = this.props.figures;
        const share = isKnown(expected) && target > 0 ? (expected / target) * 100 : 0;
        return share > 0 && share < 100 ? share : false;
    }

    get label() {
        return _t("%s of the target", formatPercent(this.props.figures.attainment));
    }

    get markLabel() {
        return _t("Expected by now: %s of the target", formatPercent(this.mark));
    }
}
