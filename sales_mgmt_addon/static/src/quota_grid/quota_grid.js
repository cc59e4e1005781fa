import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { QuotaCellMenu } from "./quota_cell_menu";
import { cellKey, MONTHS, QuotaGridModel, QUARTERS } from "./quota_grid_model";
import { QuotaGridRow } from "./quota_grid_row";

const { DateTime } = luxon;

/** The targets of a plan as a spreadsheet: nodes × months for one metric. */
export class QuotaGrid extends Component {
    static template = "sales_mgmt_addon.QuotaGrid";
    static components = { Dropdown, DropdownItem, Layout, QuotaGridRow };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.menu = usePopover(QuotaCellMenu, { position: "bottom-start" });
        this.table = useRef("table");
        this.model = new QuotaGridModel();
        this.views = new Map();
        this.saved = []; // what was saved since the grid was opened, to take it back
        const past = this.props.state || {};
        this.state = useState({
            absorb: past.absorb || "reserve",
            reason: "",
            row: past.row || 0,
            month: past.month || 0,
            anchorRow: past.row || 0,
            anchorMonth: past.month || 0,
            editing: false,
            isSaving: false,
        });
        this.folded = new Set(past.folded || []);
        this.model.absorb = this.state.absorb;
        this.metricId = past.metricId || false;
        onWillStart(() => this.start());
        useSetupAction({
            beforeLeave: () => this.askToLeave(),
            beforeUnload: (ev) => {
                if (this.model.hasEdits) {
                    ev.preventDefault();
                }
            },
            getLocalState: () => ({
                planId: this.planId,
                metricId: this.metricId,
                folded: [...this.folded],
                absorb: this.state.absorb,
                row: this.state.row,
                month: this.state.month,
            }),
        });
        useEffect(
            () => this.focusActiveCell(),
            () => [this.state.row, this.state.month, this.state.editing],
        );
    }

    async start() {
        const { action, state, resId } = this.props;
        this.planId =
            state?.planId || action.context?.active_id || action.params?.plan_id || resId || false;
        if (
            !this.planId ||
            (action.context?.active_model || "sales.quota.plan") !== "sales.quota.plan"
        ) {
            const [plan] = await this.orm.searchRead("sales.quota.plan", [], ["id"], { limit: 1 });
            this.planId = plan?.id || false;
        }
        if (this.planId) {
            await this.load();
        }
    }

    async load() {
        const grid = await this.orm.call("sales.quota.plan", "get_grid", [
            [this.planId],
            this.metricId,
        ]);
        this.take(grid);
    }

    /** Show a grid that came from the server. */
    take(grid, keepEdits = false) {
        this.model.load(grid, keepEdits);
        this.metricId = grid.metric;
        this.views.clear();
        this.env.config.setDisplayName(_t("Targets of %s", grid.plan.name));
        this.refresh();
        this.clampActiveCell();
    }

    /** Show what changed in the model or in what is folded. */
    refresh() {
        this.shown = null;
        this.render();
    }

    // ---------------------------------------------------------------- what is shown

    get grid() {
        return this.model.grid;
    }

    get absorbers() {
        return [
            ["reserve", _t("Reserve")],
            ["siblings", _t("Siblings")],
            ["parent", _t("Parent")],
        ];
    }

    get monthLabels() {
        return this.grid.months.map((month) =>
            DateTime.fromISO(month).toLocaleString({ month: "short", year: "2-digit" }),
        );
    }

    get columns() {
        const labels = this.monthLabels;
        const columns = [];
        for (let quarter = 0; quarter < QUARTERS; quarter++) {
            for (let month = quarter * 3; month < quarter * 3 + 3; month++) {
                columns.push({ id: `m${month}`, label: labels[month] });
            }
            columns.push({ id: `q${quarter}`, label: _t("Q%s", quarter + 1), isSum: true });
        }
        return columns;
    }

    /** The rows; kept until the next refresh, so that moving the active cell stays quick. */
    get rows() {
        return this.getShown().rows;
    }

    get visibleNodes() {
        return this.getShown().nodes;
    }

    getShown() {
        if (!this.shown) {
            const nodes = this.findVisibleNodes();
            this.shown = { nodes, rows: nodes.map((node) => this.rowView(node)) };
        }
        return this.shown;
    }

    findVisibleNodes() {
        const hidden = new Set();
        const visible = [];
        for (const node of this.model.nodes.values()) {
            if (hidden.has(node.parent) || this.folded.has(node.parent)) {
                hidden.add(node.id);
            } else {
                visible.push(node);
            }
        }
        return visible;
    }

    /**
     * What a row shows. The same object is returned as long as nothing changed, so that only rows
     * with changes are rendered again.
     */
    rowView(node) {
        const cells = this.model.current.get(node.id).map((units, month) => {
            const edit = this.model.edit(node.id, month);
            const conflict = this.model.conflicts.get(cellKey(node.id, month));
            return [units, edit?.error, edit?.text, Boolean(conflict)];
        });
        const signature = JSON.stringify([cells, this.folded.has(node.id)]);
        const known = this.views.get(node.id);
        if (known?.signature === signature) {
            return known;
        }
        const view = {
            signature,
            node,
            isFolded: this.folded.has(node.id),
            quarters: [],
            year: this.format(this.model.total(node.id)),
        };
        for (let quarter = 0; quarter < QUARTERS; quarter++) {
            const months = [0, 1, 2].map((index) => this.cellView(node, quarter * 3 + index));
            const total = this.model.total(node.id, quarter * 3, quarter * 3 + 3);
            view.quarters.push({ quarter, months, sum: this.format(total), isNegative: total < 0 });
        }
        view.isOverAssigned =
            node.type === "reserve" && this.model.current.get(node.id).some((units) => units < 0);
        this.views.set(node.id, view);
        return view;
    }

    cellView(node, month) {
        const edit = this.model.edit(node.id, month);
        const units = this.model.amount(node.id, month);
        const cell = this.model.cell(node.id, month);
        const hasProposal = cell && cell.proposed !== null;
        const conflict = this.model.conflicts.get(cellKey(node.id, month));
        return {
            month,
            editable: this.model.isEditable(node, month),
            text: edit?.error ? edit.text : this.format(units),
            error: edit?.error || false,
            edited: Boolean(edit),
            negative: units < 0,
            conflict: Boolean(conflict),
            title: this.cellTitle(node, edit, conflict, units),
            proposed: hasProposal ? this.format(cell.proposed) : false,
        };
    }

    cellTitle(node, edit, conflict, units) {
        if (conflict) {
            return this.conflictText(conflict);
        }
        if (edit?.error === "negative") {
            return _t("A target cannot be negative. This cell will not be saved.");
        }
        if (edit?.error) {
            return _t("“%s” is not a number. This cell will not be saved.", edit.text);
        }
        if (edit && this.model.shortages.has(cellKey(edit.nodeId, edit.month))) {
            return _t("The siblings do not have that much to give.");
        }
        if (node.type === "reserve" && units < 0) {
            return _t("Over-assigned: more is given out than the target of the parent.");
        }
        return "";
    }

    conflictText(conflict) {
        const values = {
            user: conflict.user || _t("Somebody"),
            amount: this.format(this.model.toUnits(conflict.amount)),
            time: conflict.time ? formatDateTime(deserializeDateTime(conflict.time)) : "",
        };
        return conflict.time
            ? _t("%(user)s changed it to %(amount)s on %(time)s", values)
            : _t("%(user)s changed it to %(amount)s", values);
    }

    get conflicts() {
        return [...this.model.conflicts].map(([key, conflict]) => ({
            key,
            text: this.conflictText(conflict),
            name: this.model.nodes.get(conflict.node_id)?.name,
            month: this.monthLabels[conflict.monthIndex],
            mine: this.format(this.model.edits.get(key)?.units ?? 0),
        }));
    }

    format(units) {
        const amount = this.model.toAmount(units);
        return formatFloat(amount, {
            digits: [16, this.model.decimals],
            trailingZeros: !Number.isInteger(amount),
        });
    }

    // ---------------------------------------------------------------- the active cell

    get activeNode() {
        return this.visibleNodes[this.state.row];
    }

    get isActiveEditable() {
        return this.model.isEditable(this.activeNode, this.state.month);
    }

    get activeCell() {
        const node = this.activeNode;
        return node && this.model.cell(node.id, this.state.month);
    }

    get activeLabel() {
        return `${this.activeNode.name} · ${this.monthLabels[this.state.month]}`;
    }

    get activeText() {
        const edit = this.model.edit(this.activeNode.id, this.state.month);
        return edit?.error
            ? edit.text
            : this.format(this.model.amount(this.activeNode.id, this.state.month));
    }

    get activeProposal() {
        const cell = this.activeCell;
        return cell && cell.proposed !== null ? this.format(cell.proposed) : false;
    }

    clampActiveCell() {
        const last = Math.max(this.visibleNodes.length - 1, 0);
        this.state.row = Math.min(this.state.row, last);
        this.state.anchorRow = Math.min(this.state.anchorRow, last);
    }

    focusActiveCell() {
        const cell = this.table.el?.querySelector(
            `tr[data-row="${this.state.row}"] td[data-month="${this.state.month}"]`,
        );
        if (!cell) {
            return;
        }
        const input = cell.querySelector("input");
        if (input) {
            input.focus();
            input.setSelectionRange(input.value.length, input.value.length);
        } else {
            cell.focus();
        }
    }

    moveTo(row, month, extend = false) {
        this.state.row = Math.max(0, Math.min(row, this.visibleNodes.length - 1));
        this.state.month = Math.max(0, Math.min(month, MONTHS - 1));
        if (!extend) {
            this.state.anchorRow = this.state.row;
            this.state.anchorMonth = this.state.month;
        }
    }

    get selection() {
        const { row, month, anchorRow, anchorMonth } = this.state;
        return {
            fromRow: Math.min(row, anchorRow),
            toRow: Math.max(row, anchorRow),
            fromMonth: Math.min(month, anchorMonth),
            toMonth: Math.max(month, anchorMonth),
        };
    }

    rangeOf(row) {
        const { fromRow, toRow, fromMonth, toMonth } = this.selection;
        const isSingle = fromRow === toRow && fromMonth === toMonth;
        return isSingle || row < fromRow || row > toRow ? "" : `${fromMonth}-${toMonth}`;
    }

    // ---------------------------------------------------------------- keyboard and mouse

    onKeydown(ev) {
        if (this.state.editing !== false) {
            return this.onEditorKeydown(ev);
        }
        if (ev.target.closest("button") && ["Enter", " "].includes(ev.key)) {
            return; // presses the button
        }
        const { row, month } = this.state;
        const moves = {
            ArrowUp: [row - 1, month],
            ArrowDown: [row + 1, month],
            ArrowLeft: [row, month - 1],
            ArrowRight: [row, month + 1],
            Home: [ev.ctrlKey ? 0 : row, 0],
            End: [ev.ctrlKey ? Infinity : row, MONTHS - 1],
            PageUp: [row - 10, month],
            PageDown: [row + 10, month],
        };
        const isCommand = ev.ctrlKey || ev.metaKey;
        if (moves[ev.key] && !ev.altKey) {
            this.moveTo(...moves[ev.key], ev.shiftKey);
        } else if (ev.key === "Tab") {
            if (!this.moveByTab(ev.shiftKey)) {
                return; // leaves the table
            }
        } else if (ev.key === "Enter" && !this.model.isEditable(this.activeNode, month)) {
            this.moveTo(row + 1, month);
        } else if (ev.key === "Enter" || ev.key === "F2") {
            this.startEditing();
        } else if (ev.key === "Delete" || ev.key === "Backspace") {
            this.clearSelection();
        } else if (isCommand && ev.key.toLowerCase() === "z") {
            ev.shiftKey ? this.redo() : this.undo();
        } else if (isCommand && ev.key.toLowerCase() === "y") {
            this.redo();
        } else if (ev.key === "ContextMenu" || (ev.shiftKey && ev.key === "F10")) {
            this.openMenu(ev.target);
        } else if (ev.key.length === 1 && !isCommand && !ev.altKey) {
            this.startEditing(ev.key);
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    onEditorKeydown(ev) {
        const input = ev.target;
        if (ev.key === "Escape") {
            this.stopEditing();
        } else if (ev.key === "Enter") {
            this.commit(input.value);
            this.moveTo(this.state.row + (ev.shiftKey ? -1 : 1), this.state.month);
        } else if (ev.key === "Tab") {
            this.commit(input.value);
            this.moveByTab(ev.shiftKey);
        } else if (ev.key === "ArrowUp" || ev.key === "ArrowDown") {
            this.commit(input.value);
            this.moveTo(this.state.row + (ev.key === "ArrowUp" ? -1 : 1), this.state.month);
        } else {
            ev.stopPropagation();
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    moveByTab(backwards) {
        const position = this.state.row * MONTHS + this.state.month + (backwards ? -1 : 1);
        if (position < 0 || position >= this.visibleNodes.length * MONTHS) {
            return false;
        }
        this.moveTo(Math.floor(position / MONTHS), position % MONTHS);
        return true;
    }

    onCellMousedown(ev, row, month) {
        if (ev.button !== 0 || ev.target.tagName === "INPUT") {
            return;
        }
        this.commitEditor(); // before the blur, which comes when another cell is active already
        this.moveTo(row, month, ev.shiftKey);
        this.isSelecting = true;
        if (ev.shiftKey) {
            ev.preventDefault();
        }
    }

    onCellMouseenter(ev, row, month) {
        if (this.isSelecting && ev.buttons === 1 && this.state.editing === false) {
            this.moveTo(row, month, true);
        } else {
            this.isSelecting = false;
        }
    }

    onCellDblclick(row, month) {
        this.moveTo(row, month);
        this.startEditing();
    }

    onCellContextMenu(ev, row, month) {
        ev.preventDefault();
        this.moveTo(row, month);
        this.openMenu(ev.currentTarget);
    }

    openMenu(target) {
        this.menu.open(target, { items: this.menuItems });
    }

    // ---------------------------------------------------------------- typing

    startEditing(text) {
        const node = this.activeNode;
        if (this.state.isSaving) {
            return;
        }
        if (!this.model.isEditable(node, this.state.month)) {
            this.notification.add(this.readonlyReason(node), { type: "info" });
            return;
        }
        this.state.editing = text ?? this.activeText;
    }

    readonlyReason(node) {
        if (node?.type === "reserve") {
            return _t("A reserve takes what is left over: change the rows beside it.");
        }
        if (this.grid.plan.readonly_reason) {
            return this.grid.plan.readonly_reason;
        }
        if (!this.model.isOpen(this.state.month)) {
            return _t("This revision leaves the months before it as they were.");
        }
        return _t("You can change the targets below your own team only.");
    }

    stopEditing() {
        this.state.editing = false;
    }

    /** Take over what the editor holds; blur calls it again, then the editor is closed already. */
    commit(text) {
        if (this.state.editing === false) {
            return;
        }
        const isUntouched = text === this.activeText;
        this.stopEditing();
        if (!isUntouched) {
            this.enter([{ nodeId: this.activeNode.id, month: this.state.month, text }]);
        }
    }

    commitEditor() {
        const input = this.table.el?.querySelector("input.o_quota_editor");
        if (input) {
            this.commit(input.value);
        }
    }

    enter(texts, skipEmpty = false) {
        this.model.enter(texts, skipEmpty);
        this.refresh();
    }

    /** The cells of the selection that may be typed into, row by row. */
    selectedCells() {
        const { fromRow, toRow, fromMonth, toMonth } = this.selection;
        const cells = [];
        for (const node of this.visibleNodes.slice(fromRow, toRow + 1)) {
            for (let month = fromMonth; month <= toMonth; month++) {
                if (this.model.isEditable(node, month)) {
                    cells.push({ nodeId: node.id, month });
                }
            }
        }
        return cells;
    }

    clearSelection() {
        const texts = this.selectedCells().map((cell) => ({ ...cell, text: "0" }));
        if (texts.length) {
            this.enter(texts);
        }
    }

    onCopy(ev) {
        if (this.state.editing !== false) {
            return;
        }
        const { fromRow, toRow, fromMonth, toMonth } = this.selection;
        const lines = this.visibleNodes.slice(fromRow, toRow + 1).map((node) => {
            const amounts = this.model.current.get(node.id).slice(fromMonth, toMonth + 1);
            return amounts.map((units) => this.format(units)).join("\t");
        });
        ev.clipboardData.setData("text/plain", lines.join("\n"));
        ev.preventDefault();
    }

    onPaste(ev) {
        if (this.state.editing !== false) {
            return;
        }
        ev.preventDefault();
        this.pasteText(ev.clipboardData.getData("text/plain"));
    }

    /** Put a block of a spreadsheet into the cells from the upper left one of the selection. */
    pasteText(text) {
        const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
        const block = lines.map((line) => line.split("\t"));
        const { fromRow, toRow, fromMonth, toMonth } = this.selection;
        const isSingle = block.length === 1 && block[0].length === 1;
        const texts = [];
        let skipped = 0;
        const put = (row, month, value) => {
            const node = this.visibleNodes[row];
            if (month >= MONTHS || !this.model.isEditable(node, month)) {
                skipped += value.trim() ? 1 : 0;
            } else {
                texts.push({ nodeId: node.id, month, text: value });
            }
        };
        if (isSingle) {
            for (let row = fromRow; row <= toRow; row++) {
                for (let month = fromMonth; month <= toMonth; month++) {
                    put(row, month, block[0][0]);
                }
            }
        } else {
            block.forEach((values, line) =>
                values.forEach((value, index) => put(fromRow + line, fromMonth + index, value)),
            );
        }
        this.enter(texts, true);
        if (skipped) {
            this.notification.add(
                _t("%s pasted values were left out: their cells cannot be changed.", skipped),
                { type: "warning" },
            );
        }
    }

    onAbsorbChange(ev) {
        this.state.absorb = this.model.absorb = ev.target.value;
        this.model.recompute();
        this.refresh();
    }

    // ---------------------------------------------------------------- undo, save, discard

    async undo() {
        if (this.model.undo()) {
            this.refresh();
        } else if (this.saved.length) {
            await this.undoSaved();
        }
    }

    redo() {
        if (this.model.redo()) {
            this.refresh();
        }
    }

    async undoSaved() {
        const { metricId, changes, absorb } = this.saved.at(-1);
        const result = await this.send(metricId, changes, absorb, _t("Undone"));
        if (!result) {
            return;
        }
        this.saved.pop();
        this.take(result.grid);
        if (result.conflicts.length) {
            this.notification.add(
                _t("Somebody changed these cells after you: nothing was undone."),
                { type: "warning" },
            );
        } else {
            this.notifyRequest(result, _t("The last saved changes are undone."));
        }
    }

    get canSave() {
        return (
            this.model.hasEdits &&
            !this.state.isSaving &&
            !this.model.conflicts.size &&
            this.model.changes().length > 0
        );
    }

    async save() {
        this.commitEditor();
        if (!this.canSave) {
            return false;
        }
        const changes = this.model.changes();
        const undo = { metricId: this.metricId, ...this.model.inverse() };
        const reason = this.state.reason.trim() || false;
        const result = await this.send(this.metricId, changes, this.state.absorb, reason);
        if (!result) {
            return false;
        }
        if (result.conflicts.length) {
            this.take(result.grid, true);
            this.model.setConflicts(result.conflicts);
            this.refresh();
            return false;
        }
        const invalid = this.model.invalid;
        this.take(result.grid);
        this.state.reason = "";
        if (!result.request) {
            this.saved.push(undo);
        }
        if (invalid.length) {
            // what is no number stays marked, until it is corrected or discarded
            this.enter(invalid);
        }
        this.notifyRequest(result, _t("%s cells saved.", result.saved));
        return !invalid.length;
    }

    async send(metricId, changes, absorb, reason) {
        this.state.isSaving = true;
        try {
            return await this.orm.call("sales.quota.plan", "save_grid", [
                [this.planId],
                metricId,
                changes,
                absorb,
                reason,
            ]);
        } finally {
            this.state.isSaving = false;
        }
    }

    notifyRequest(result, message) {
        if (result.request) {
            this.notification.add(
                _t(
                    "This changes the target of the parent by more than the plan allows: %s waits for approval.",
                    result.request,
                ),
                { type: "warning", sticky: true },
            );
        } else {
            this.notification.add(message, { type: "success" });
        }
    }

    discard() {
        this.stopEditing();
        this.model.clear();
        this.state.reason = "";
        this.refresh();
    }

    resolve(key, keepMine) {
        this.model.resolve(key, keepMine);
        this.refresh();
    }

    resolveAll(keepMine) {
        for (const { key } of this.conflicts) {
            this.model.resolve(key, keepMine);
        }
        this.refresh();
    }

    /** Ask what becomes of unsaved cells; resolves to whether the user goes on. */
    askToLeave() {
        if (!this.model.hasEdits) {
            return true;
        }
        return new Promise((resolve) => {
            this.dialog.add(
                ConfirmationDialog,
                {
                    title: _t("Unsaved targets"),
                    body: _t("%s changed cells are not saved yet.", this.model.edits.size),
                    confirmLabel: _t("Discard them"),
                    confirm: () => {
                        this.discard();
                        resolve(true);
                    },
                    cancelLabel: _t("Stay here"),
                    cancel: () => resolve(false),
                },
                { onClose: () => resolve(false) },
            );
        });
    }

    // ---------------------------------------------------------------- other actions

    async selectMetric(metricId) {
        if (metricId === this.metricId || !(await this.askToLeave())) {
            return;
        }
        this.metricId = metricId;
        await this.load();
    }

    toggle(node) {
        if (this.folded.has(node.id)) {
            this.folded.delete(node.id);
        } else {
            this.folded.add(node.id);
        }
        this.refresh();
        this.clampActiveCell();
    }

    /** Show the tree down to a type of node. */
    unfoldTo(types) {
        this.folded = new Set(
            [...this.model.nodes.values()]
                .filter((node) => node.children.length && !types.includes(node.type))
                .map((node) => node.id),
        );
        this.refresh();
        this.clampActiveCell();
    }

    get menuItems() {
        const items = [
            { label: _t("Why this number?"), icon: "fa-question-circle-o", run: () => this.why() },
        ];
        if (this.isActiveEditable) {
            items.push({ label: _t("Change…"), icon: "fa-pencil", run: () => this.change() });
        }
        if (this.activeProposal && this.isActiveEditable) {
            items.push({
                label: _t("Take the proposal: %s", this.activeProposal),
                icon: "fa-check",
                run: () => this.takeProposal(),
            });
        }
        if (this.activeNode.children.length) {
            items.push({
                label: _t("Distribute…"),
                icon: "fa-sitemap",
                run: () => this.distribute(this.activeNode),
            });
        }
        items.push({
            label: _t("Open %s", this.activeNode.name),
            icon: "fa-external-link",
            run: () => this.openNode(this.activeNode),
        });
        return items;
    }

    async why() {
        if (!this.activeCell) {
            this.notification.add(_t("Nobody has set this target yet."), { type: "info" });
            return;
        }
        const action = await this.orm.call("sales.quota.cell", "action_why", [
            [this.activeCell.id],
        ]);
        await this.action.doAction(action);
    }

    takeProposal() {
        const { proposed } = this.activeCell;
        const text = String(this.model.toAmount(proposed));
        this.enter([{ nodeId: this.activeNode.id, month: this.state.month, text }]);
    }

    async change() {
        await this.openWizard("sales.quota.edit", _t("Change Target"), {
            default_node_id: this.activeNode.id,
            default_metric_id: this.metricId,
            default_month: this.grid.months[this.state.month],
        });
    }

    async distribute(node) {
        await this.openWizard("sales.quota.distribute", _t("Distribute Target"), {
            dialog_size: "extra-large",
            default_node_id: node.id,
            default_metric_id: this.metricId,
        });
    }

    async openWizard(model, name, context) {
        if (!(await this.askToLeave())) {
            return;
        }
        await this.action.doAction(
            {
                type: "ir.actions.act_window",
                name,
                res_model: model,
                views: [[false, "form"]],
                target: "new",
                context,
            },
            { onClose: () => this.load() },
        );
    }

    openNode(node) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "sales.quota.node",
            res_id: node.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("sales_quota_grid", QuotaGrid);
