import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";

/** A chart in the colours of the page. */
export class QuotaChart extends Component {
    static template = "sales_mgmt_addon.QuotaChart";
    static props = {
        config: Function, // (colours) => configuration of Chart.js
        label: String, // what a screen reader says
        height: { type: Number, optional: true },
    };
    static defaultProps = { height: 140 };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(() => {
            const chart = new Chart(this.canvas.el, this.props.config(this.colours));
            return () => chart.destroy();
        });
    }

    get colours() {
        const style = getComputedStyle(document.documentElement);
        const read = (name) => style.getPropertyValue(name).trim();
        return {
            primary: read("--primary"),
            success: read("--success"),
            info: read("--info"),
            danger: read("--danger"),
            secondary: read("--gray-500"),
            text: read("--body-color"),
            grid: read("--border-color"),
        };
    }
}
