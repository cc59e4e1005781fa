import { roundDecimals } from "@web/core/utils/numbers";
import { parseAmount } from "./number_parser";

export const MONTHS = 12;
export const QUARTERS = 4;

export function cellKey(nodeId, month) {
    return `${nodeId}:${month}`;
}

/**
 * Share an amount in proportion to weights with the largest remainder: whole units, which add up
 * to the amount exactly. BigInt, as the product of two amounts is beyond exact numbers.
 *
 * @param {number} amount whole units
 * @param {number[]} weights whole units, not negative
 * @returns {number[]}
 */
export function shareOut(amount, weights) {
    if (amount < 0) {
        return shareOut(-amount, weights).map((share) => -share);
    }
    const isEven = !weights.some((weight) => weight > 0);
    const factors = weights.map((weight) => BigInt(isEven ? 1 : weight));
    const whole = factors.reduce((sum, factor) => sum + factor, 0n);
    const shares = factors.map((factor) => Number((BigInt(amount) * factor) / whole));
    const rests = factors.map((factor) => Number((BigInt(amount) * factor) % whole));
    const missing = amount - shares.reduce((sum, share) => sum + share, 0);
    rests
        .map((rest, index) => [rest, index])
        .sort((a, b) => b[0] - a[0] || a[1] - b[1])
        .slice(0, missing)
        .forEach(([, index]) => shares[index]++);
    return shares;
}

/**
 * The cells of one metric, what was typed into them, and what follows from it.
 *
 * Amounts are whole numbers of the smallest unit (cents), months are numbers from 0 to 11. The
 * typed cells are applied to the stored ones in the way of the server, so that the sums are right
 * before anything is saved.
 */
export class QuotaGridModel {
    constructor() {
        this.absorb = "reserve";
        this.edits = new Map();
        this.conflicts = new Map();
        this.history = [];
        this.future = [];
        this.nodes = new Map();
    }

    /**
     * @param {Object} grid answer of `get_grid`
     * @param {boolean} [keepEdits] whether what was typed stays
     */
    load(grid, keepEdits = false) {
        this.grid = grid;
        this.metric = grid.metrics.find((metric) => metric.id === grid.metric);
        this.decimals = Math.max(0, Math.round(-Math.log10(this.metric.step)));
        this.nodes = new Map(grid.nodes.map((node) => [node.id, { ...node, children: [] }]));
        for (const node of this.nodes.values()) {
            const parent = this.nodes.get(node.parent);
            if (parent && node.type === "reserve") {
                parent.reserve = node.id;
            } else if (parent) {
                parent.children.push(node.id);
            }
        }
        this.base = new Map();
        this.cells = new Map();
        for (const node of this.nodes.values()) {
            const stored = grid.cells[node.id] || {};
            const amounts = grid.months.map((month) => this.toUnits(stored[month]?.[1] || 0));
            this.base.set(node.id, amounts);
            grid.months.forEach((month, index) => {
                const cell = stored[month];
                if (cell) {
                    this.cells.set(cellKey(node.id, index), {
                        id: cell[0],
                        proposed: cell[2] === false ? null : this.toUnits(cell[2]),
                    });
                }
            });
        }
        if (!keepEdits) {
            this.clear();
        }
        this.recompute();
    }

    toUnits(amount) {
        return Math.round(amount / this.metric.step);
    }

    toAmount(units) {
        return roundDecimals(units * this.metric.step, 2);
    }

    // ---------------------------------------------------------------- what is shown

    amount(nodeId, month) {
        return this.current.get(nodeId)[month];
    }

    edit(nodeId, month) {
        return this.edits.get(cellKey(nodeId, month));
    }

    cell(nodeId, month) {
        return this.cells.get(cellKey(nodeId, month));
    }

    /** The sum of some months; the average for metrics that cannot be added up. */
    total(nodeId, from = 0, to = MONTHS) {
        const amounts = this.current.get(nodeId).slice(from, to);
        const sum = amounts.reduce((total, amount) => total + amount, 0);
        return this.metric.is_additive ? sum : Math.round(sum / amounts.length);
    }

    get hasEdits() {
        return this.edits.size > 0;
    }

    get invalid() {
        return [...this.edits.values()].filter((edit) => edit.error);
    }

    // ---------------------------------------------------------------- typing

    /**
     * Take over texts for cells: one step that can be undone.
     *
     * @param {{nodeId: number, month: number, text: string}[]} texts
     * @param {boolean} [skipEmpty] whether an empty text leaves a cell alone; otherwise it means 0
     */
    enter(texts, skipEmpty = false) {
        const before = new Map(this.edits);
        for (const { nodeId, month, text } of texts) {
            const value = parseAmount(text);
            if (value === null && skipEmpty) {
                continue;
            }
            this.enterCell(nodeId, month, text, value ?? (value === null ? 0 : undefined));
        }
        this.history.push(before);
        this.future = [];
        this.recompute();
    }

    enterCell(nodeId, month, text, value) {
        const key = cellKey(nodeId, month);
        const edit = { nodeId, month, text };
        if (value === undefined) {
            edit.error = "text";
        } else if (value < 0) {
            edit.error = "negative";
        } else {
            edit.units = this.toUnits(value);
        }
        this.edits.delete(key); // the last one typed comes last
        if (edit.error || edit.units !== this.base.get(nodeId)[month]) {
            this.edits.set(key, edit);
        }
    }

    undo() {
        if (!this.history.length) {
            return false;
        }
        this.future.push(new Map(this.edits));
        this.edits = this.history.pop();
        this.recompute();
        return true;
    }

    redo() {
        if (!this.future.length) {
            return false;
        }
        this.history.push(new Map(this.edits));
        this.edits = this.future.pop();
        this.recompute();
        return true;
    }

    clear() {
        this.edits = new Map();
        this.conflicts = new Map();
        this.history = [];
        this.future = [];
        this.recompute();
    }

    // ---------------------------------------------------------------- conflicts

    /** Remember which typed cells somebody else changed meanwhile. */
    setConflicts(conflicts) {
        for (const conflict of conflicts) {
            const month = this.grid.months.indexOf(conflict.month);
            this.conflicts.set(cellKey(conflict.node_id, month), {
                ...conflict,
                monthIndex: month,
            });
        }
    }

    /** Decide a conflict: keep what was typed, or take what the other one entered. */
    resolve(key, keepMine) {
        this.conflicts.delete(key);
        if (!keepMine) {
            this.edits.delete(key);
        }
        this.history = [];
        this.future = [];
        this.recompute();
    }

    // ---------------------------------------------------------------- the rules of the cascade

    recompute() {
        if (!this.base) {
            return;
        }
        this.current = new Map([...this.base].map(([nodeId, amounts]) => [nodeId, [...amounts]]));
        this.shortages = new Set();
        // the server, too, begins with the deepest nodes
        const depth = (edit) => this.nodes.get(edit.nodeId).depth;
        [...this.edits.values()]
            .filter((edit) => !edit.error)
            .sort((a, b) => depth(b) - depth(a))
            .forEach((edit) => this.apply(edit));
    }

    /** Whether a month can still be changed: those before a revision stay as they were. */
    isOpen(month) {
        return !this.grid.locked_until || this.grid.months[month] >= this.grid.locked_until;
    }

    isEditable(node, month) {
        return Boolean(node?.editable) && this.isOpen(month);
    }

    /** Apply a typed cell: the difference goes down to its own reserve and up to the absorber. */
    apply({ nodeId, month, units }) {
        const delta = units - this.amount(nodeId, month);
        this.add(nodeId, month, delta);
        const node = this.nodes.get(nodeId);
        const parent = this.nodes.get(node.parent);
        if (!this.metric.is_additive || !parent) {
            return;
        }
        if (this.absorb === "siblings") {
            this.takeFromSiblings(parent, nodeId, month, delta);
        } else if (this.absorb === "parent") {
            // the parent has what its children have, so that its reserve stays as it is
            this.addTo(parent.id, month, delta);
            this.takeFromReserve(this.nodes.get(parent.parent), month, delta);
        } else {
            this.takeFromReserve(parent, month, delta);
        }
    }

    /** Change a cell, and the reserve below it so that its children still make its amount. */
    add(nodeId, month, delta) {
        this.addTo(nodeId, month, delta);
        const { reserve } = this.nodes.get(nodeId);
        if (this.metric.is_additive && reserve) {
            this.addTo(reserve, month, delta);
        }
    }

    addTo(nodeId, month, delta) {
        this.current.get(nodeId)[month] += delta;
    }

    takeFromReserve(parent, month, delta) {
        if (parent?.reserve) {
            this.addTo(parent.reserve, month, -delta);
        }
    }

    takeFromSiblings(parent, nodeId, month, delta) {
        const siblings = parent.children.filter(
            (id) => id !== nodeId && this.edit(id, month)?.units === undefined,
        );
        const weights = siblings.map((id) => this.amount(id, month));
        const available = weights.reduce((sum, weight) => sum + weight, 0);
        if (!siblings.length || delta > available) {
            this.shortages.add(cellKey(nodeId, month));
            this.takeFromReserve(parent, month, delta);
            return;
        }
        shareOut(-delta, weights).forEach((share, index) =>
            this.add(siblings[index], month, share),
        );
    }

    // ---------------------------------------------------------------- for the server

    /** What to send: the typed cells with the amounts that were seen before. */
    changes() {
        return [...this.edits.values()]
            .filter((edit) => !edit.error)
            .map(({ nodeId, month, units }) =>
                this.change(nodeId, month, units, this.base.get(nodeId)[month]),
            );
    }

    change(nodeId, month, units, expected) {
        return {
            node_id: nodeId,
            month: this.grid.months[month],
            amount: this.toAmount(units),
            expected: this.toAmount(expected),
        };
    }

    /**
     * What takes the typed cells back once they are saved.
     *
     * Siblings that gave something get exactly that back; as the differences then cancel out, the
     * reserve above them stays as it is.
     *
     * @returns {{changes: Object[], absorb: string}}
     */
    inverse() {
        if (this.absorb !== "siblings") {
            const changes = [...this.edits.values()]
                .filter((edit) => !edit.error)
                .map(({ nodeId, month, units }) =>
                    this.change(nodeId, month, this.base.get(nodeId)[month], units),
                );
            return { changes, absorb: this.absorb };
        }
        const changes = [];
        for (const node of this.nodes.values()) {
            if (node.type === "reserve") {
                continue;
            }
            this.base.get(node.id).forEach((before, month) => {
                const after = this.amount(node.id, month);
                if (after !== before) {
                    changes.push(this.change(node.id, month, before, after));
                }
            });
        }
        return { changes, absorb: "reserve" };
    }
}
