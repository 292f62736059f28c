// Rows chosen for one act on many: how many there are, the whole page at once, `x` on the row one stands on.
const boxes = () => [...document.querySelectorAll("input[type=checkbox][form=bulk]")];

function count() {
  const said = document.querySelector("[data-chosen]");
  if (said) said.textContent = boxes().filter((box) => box.checked).length;
}

function whole() {
  const all = boxes();
  const every = all.every((box) => box.checked);
  for (const box of all) box.checked = !every;
  count();
}

export function choose() {
  if (!document.querySelector("[data-choose]")) return;
  document.addEventListener("change", (event) => event.target.matches("[form=bulk]") && count());
  document.addEventListener("click", (event) => event.target.closest("[data-choose-all]") && whole());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const box = document.querySelector("tr.here input[form=bulk]");
    if (box) box.checked = !box.checked;
    count();
  });
  // rows that moved under one's ticks would be another choice: a list with ticks waits with what is new
  document.body.addEventListener("htmx:before:request", (event) => {
    if (event.target.id === "list" && boxes().some((box) => box.checked)) event.preventDefault();
  });
  document.body.addEventListener("htmx:after:swap", count);
  addEventListener("pageshow", count);
}

// filters change without a new page; what is kept as a view is what one sees
export function views() {
  document.addEventListener("submit", (event) => {
    const query = event.target.querySelector("[data-query]");
    if (query) query.value = location.search.slice(1);
  });
}
