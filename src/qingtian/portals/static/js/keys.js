// The keyboard: `/` finds, j and k walk a list, Enter opens, `?` says so. Nothing happens while somebody types.
const typing = (target) => target.closest?.("input, select, textarea, [contenteditable], dialog[open]");

function walk(step) {
  const rows = [...document.querySelectorAll("[data-list] tbody tr, [data-list] .alert-row")];
  if (!rows.length) return;
  const now = rows.findIndex((row) => row.classList.contains("here"));
  const next = rows[Math.min(Math.max(now + step, 0), rows.length - 1)];
  rows[now]?.classList.remove("here");
  next.classList.add("here");
  next.scrollIntoView({ block: "nearest" });
  (next.matches("a") ? next : next.querySelector("a"))?.focus({ preventScroll: true });
}

// only what holds on this page
function help() {
  const sheet = document.getElementById("keys");
  for (const line of sheet?.querySelectorAll("[data-when]") ?? []) line.hidden = !document.querySelector(line.dataset.when);
  sheet?.showModal();
}

export function keys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const find = document.querySelector("main [data-search]") ?? document.querySelector("[data-search]");
      if (find) {
        event.preventDefault();
        find.focus();
        find.select();
      }
    } else if (event.key === "j") walk(1);
    else if (event.key === "k") walk(-1);
    else if (event.key === "?") help();
  });
  document.addEventListener("click", (event) => event.target.closest("[data-keys]") && help());
  // a choice that shows something else goes there at once
  document.addEventListener("change", (event) => event.target.matches("[data-go]") && event.target.form.requestSubmit());
  // a filter on which others depend brings the page with them
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-opens]")) return;
    const form = event.target.form;
    // what was chosen of the former choice is not among what the new one has
    const within = new Set([...form.querySelectorAll(`[data-within="${event.target.name}"]`)].map((field) => field.name));
    const chosen = [...new FormData(form)].filter(([name, value]) => value && !within.has(name));
    location.search = new URLSearchParams(chosen).toString();
  });
  // a menu closes when one looks elsewhere
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details.menu[open], details.clock[open], .tabs details[open]"))
      if (!open.contains(event.target)) open.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.menu[open], details.clock[open], .tabs details[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });
}
