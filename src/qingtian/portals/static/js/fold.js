// What folds on a phone: the filters of a list, the cards of a long page, the rest of a row of many cells.
const small = matchMedia("(max-width: 720px)");

export function folds() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fold]");
    if (button) button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true"));
    if (event.target.closest(".unfold")) unfold(event.target.closest(".unfold"));
    const link = event.target.closest('a[href^="#"]');
    if (link) open(link.hash);
  });
  if (small.matches) for (const card of document.querySelectorAll("details[data-small]")) card.open = false;
  open(location.hash);
  addEventListener("hashchange", () => open(location.hash));
  for (const table of document.querySelectorAll("[data-brief]")) for (const row of table.tBodies[0].rows) offer(row, table.dataset.brief);
}

// who is sent to a card finds it open
function open(hash) {
  const card = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
  if (card instanceof HTMLDetailsElement) card.open = true;
}

function offer(row, word) {
  if (row.cells.length < 4) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button bare small unfold";
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-label", `${word}: ${row.cells[0].textContent.trim()}`);
  button.textContent = word;
  row.cells[0].append(button);
}

function unfold(button) {
  const wide = button.closest("tr").classList.toggle("open");
  button.setAttribute("aria-expanded", String(wide));
}
