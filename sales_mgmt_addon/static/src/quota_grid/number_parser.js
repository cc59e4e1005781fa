import { localization } from "@web/core/l10n/localization";

// Beyond this a target cannot be stored to the cent
const LARGEST = 1e13;
const CURRENCY_SIGNS = /[\s\u00a0\u202f'’\p{Sc}]/gu;

/**
 * Read a number as people type it or copy it from a spreadsheet: 1,234.5 and 1.234,5 alike.
 *
 * With both signs the last one is the decimal point. A single sign counts as the language of the
 * user says, unless it cannot be a thousands separator.
 *
 * @param {string} text
 * @returns {number|null|undefined} null for an empty text, undefined for what is no number
 */
export function parseAmount(text) {
    // full-width digits and signs of Chinese keyboards become plain ones
    let rest = String(text ?? "")
        .normalize("NFKC")
        .replace(CURRENCY_SIGNS, "");
    if (!rest) {
        return null;
    }
    let sign = 1;
    const brackets = rest.match(/^\((.*)\)$/);
    if (brackets) {
        rest = brackets[1];
        sign = -1;
    }
    rest = rest.replace(/%$/, "");
    if (/^[+-]/.test(rest)) {
        sign *= rest[0] === "-" ? -1 : 1;
        rest = rest.slice(1);
    }
    const plain = removeThousands(rest);
    if (plain === undefined || !/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) {
        return undefined;
    }
    const value = sign * Number(plain);
    return Number.isFinite(value) && Math.abs(value) < LARGEST ? value : undefined;
}

/** Return the digits with a plain decimal point, or undefined when the groups are not of three. */
function removeThousands(text) {
    const point = findDecimalPoint(text);
    const separator = point === "," || (!point && text.includes(".")) ? "." : ",";
    const parts = point ? text.split(point) : [text];
    if (parts.length > 2) {
        return undefined;
    }
    const groups = parts[0].split(separator);
    const wellFormed = groups.slice(1).every((group) => /^\d{3}$/.test(group));
    if (groups.length > 1 && (!wellFormed || !/^\d{1,3}$/.test(groups[0]))) {
        return undefined;
    }
    return [groups.join(""), ...parts.slice(1)].join(".");
}

function findDecimalPoint(text) {
    const dot = text.lastIndexOf(".");
    const comma = text.lastIndexOf(",");
    if (dot >= 0 && comma >= 0) {
        return dot > comma ? "." : ",";
    }
    if (dot < 0 && comma < 0) {
        return "";
    }
    const sign = dot >= 0 ? "." : ",";
    const parts = text.split(sign);
    if (parts.length > 2) {
        return ""; // several of them can only separate thousands
    }
    const canBeThousands = /^\d{1,3}$/.test(parts[0]) && /^\d{3}$/.test(parts[1]);
    if (canBeThousands && sign !== localization.decimalPoint) {
        return "";
    }
    return sign;
}
