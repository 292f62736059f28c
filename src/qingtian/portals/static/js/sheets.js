// Sheets that ask before an act, a form that is sent once, the place of the phone for a report.
export function sheets() {
  // from a refusal back to the form, with what was typed in it
  for (const button of document.querySelectorAll("[data-back]")) button.hidden = history.length < 2;
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-sheet]");
    if (opener) document.getElementById(opener.dataset.sheet)?.showModal();
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog")?.close();
    if (event.target.closest("[data-back]")) history.back();
    const locate = event.target.closest("[data-locate]");
    if (locate) place(locate);
  });
  // a second tap with gloves must not report twice
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    setTimeout(() => {
      for (const button of event.target.querySelectorAll("button")) button.disabled = true;
    });
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) for (const button of document.querySelectorAll("form[method=post] button")) button.disabled = false;
  });
}

function place(button) {
  const form = button.closest("form");
  const said = form.querySelector("[data-located]");
  navigator.geolocation?.getCurrentPosition(
    (found) => {
      form.elements.lon.value = found.coords.longitude.toFixed(6);
      form.elements.lat.value = found.coords.latitude.toFixed(6);
      said.textContent = `${form.elements.lon.value}, ${form.elements.lat.value} ±${Math.round(found.coords.accuracy)} m`;
    },
    () => {
      said.textContent = button.dataset.refused;
    },
    { enableHighAccuracy: true, timeout: 10000 },
  );
}
