// What folds behind a button on a phone: the filters of a list.
export function folds() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fold]");
    if (button) button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true"));
  });
}
