"use strict";

// Shows the findings that match the filter, and hides groups and sections in which none is left.
const form = document.querySelector("form.filter");

if (form) {
  const rows = [...document.querySelectorAll("[data-finding]")].map((row) => ({
    row,
    text: `${row.textContent} ${headingOf(row)}`.toLowerCase(),
  }));

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", filter);
  form.addEventListener("change", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  filter();

  function filter() {
    const chosen = new FormData(form);
    const words = chosen.get("text").toLowerCase().split(/\s+/).filter(Boolean);
    const severities = new Set(chosen.getAll("severity"));
    let shown = 0;
    for (const { row, text } of rows) {
      row.hidden = !(
        severities.has(row.dataset.severity) &&
        ["", row.dataset.check].includes(chosen.get("check")) &&
        ["", row.dataset.project].includes(chosen.get("project")) &&
        words.every((word) => text.includes(word))
      );
      shown += row.hidden ? 0 : 1;
    }
    for (const part of document.querySelectorAll("[data-group], [data-section]")) {
      const inside = [...part.querySelectorAll("[data-finding]")];
      part.hidden = inside.length > 0 && inside.every((row) => row.hidden);
    }
    document.querySelector(".nothing").hidden = shown > 0;
    form.querySelector(".count").textContent = `${shown} of ${rows.length} findings`;
    form.classList.toggle("filtered", shown < rows.length);
  }
}

function headingOf(row) {
  const heading = row.closest("[data-group]").querySelector(":scope > header, :scope > .cause");
  return heading ? heading.textContent : "";
}
