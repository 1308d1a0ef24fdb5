"use strict";
// What the scripts of all pages share. Names come from files: they are set as text, never as markup.
const airshower = {
  byId: id => document.getElementById(id),
  element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  },
  isNumber: value => typeof value === "number" && isFinite(value),
  // Three digits.
  short(value) {
    if (!airshower.isNumber(value)) return "–";
    if (Number.isInteger(value)) return String(value);
    const decimals = Math.min(Math.max(2 - Math.floor(Math.log10(Math.abs(value))), 0), 5);
    return value.toFixed(decimals);
  }
};
