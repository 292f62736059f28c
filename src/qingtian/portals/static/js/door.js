// The door of a demo: a click on one of its invented people fills in name and password.
export function door() {
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-fill]");
    if (!chosen) return;
    document.getElementById("username").value = chosen.dataset.fill;
    document.getElementById("password").value = chosen.dataset.fillPassword;
    document.querySelector("main form.stack button").focus();
  });
}
