// Forms marked data-draft save as one types, on this device only, and forget when they were sent.
const KEY = "qingtian.draft.";
const skipped = new Set(["csrfmiddlewaretoken", "next"]);

function fields(form) {
  return [...form.elements].filter((field) => field.name && !skipped.has(field.name) && field.type !== "file" && field.type !== "hidden" && !field.name.endsWith(".kept"));
}

function restore(form, key) {
  const kept = JSON.parse(localStorage.getItem(key) ?? "null");
  if (!kept) return;
  for (const field of fields(form)) {
    const value = kept[field.name];
    if (value === undefined) continue;
    if (field.type === "checkbox") field.checked = [value].flat().includes(field.value);
    else if (field.type === "radio") field.checked = field.value === value;
    else if (!field.value) field.value = value;
  }
  form.querySelector("[data-draft-kept]")?.removeAttribute("hidden");
}

function keep(form, key) {
  const values = {};
  for (const field of fields(form)) {
    // several boxes of one name are several answers
    if (field.type === "checkbox") values[field.name] = [...(values[field.name] ?? []), ...(field.checked ? [field.value] : [])];
    else if (field.type !== "radio" || field.checked) values[field.name] = field.value;
  }
  localStorage.setItem(key, JSON.stringify(values));
  form.querySelector("[data-draft-kept]")?.removeAttribute("hidden");
}

export function drafts() {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const key = KEY + form.dataset.draft;
    restore(form, key);
    form.addEventListener("input", () => keep(form, key));
  }
  // the page after a sent form names what may be forgotten
  for (const sent of document.querySelectorAll("[data-draft-sent]")) localStorage.removeItem(KEY + sent.dataset.draftSent);
}
