import { Component } from "@odoo/owl";

/** What can be done with a cell, on a right click. */
export class QuotaCellMenu extends Component {
    static template = "sales_mgmt_addon.QuotaCellMenu";
    static props = {
        items: Array, // {label, icon, run}
        close: Function,
    };

    select(item) {
        this.props.close();
        item.run();
    }
}
