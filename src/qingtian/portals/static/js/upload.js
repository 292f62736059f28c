// The files of a paper: several, chosen, dropped, pasted or from the camera, in the order in which they came. Each is
// shown with its size and its SHA-256, the very digest under which it will be kept; what would be refused is said now.
const KINDS = { "image/jpeg": [[0xff, 0xd8, 0xff]], "image/png": [[0x89, 0x50, 0x4e, 0x47]], "application/pdf": [[0x25, 0x50, 0x44, 0x46, 0x2d]] };
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const text = (bytes) => String.fromCharCode(...bytes);
const size = (bytes) => (bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`);
const held = new WeakMap();

// known by the first bytes, as the server knows them
async function wrong(file, says, most) {
  if (!file.size) return says.saysEmpty;
  if (file.size > most) return `${says.saysLarge} (${size(file.size)})`;
  const first = new Uint8Array(await file.slice(0, 16).arrayBuffer());
  if (text(first.slice(4, 8)) === "ftyp" && /^(hei|hev|mif|msf)/.test(text(first.slice(8, 12)))) return says.saysHeic;
  const webp = text(first.slice(0, 4)) === "RIFF" && text(first.slice(8, 12)) === "WEBP";
  const known = Object.values(KINDS).flat().some((begin) => begin.every((byte, place) => first[place] === byte));
  return webp || known ? "" : says.saysKind;
}

// a browser gives digests only to pages it trusts (https, or this machine)
async function digest(file) {
  return crypto.subtle ? hex(new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()))) : "";
}

function line(field, each) {
  const item = document.createElement("li");
  item.dataset.fresh = "";
  if (each.file.type.startsWith("image/")) {
    const picture = new Image();
    picture.src = each.address ??= URL.createObjectURL(each.file);
    picture.alt = "";
    item.append(picture);
  }
  const name = document.createElement("b");
  name.textContent = each.file.name;
  const about = document.createElement("span");
  about.className = "quiet";
  about.textContent = each.digest ? `${size(each.file.size)} · SHA-256 ${each.digest.slice(0, 12)}` : size(each.file.size);
  about.title = each.digest;
  const said = document.createElement("span");
  said.append(name, " ", about);
  const out = document.createElement("button");
  out.type = "button";
  out.className = "button bare";
  out.textContent = field.dataset.remove;
  out.setAttribute("aria-label", `${field.dataset.remove}: ${each.file.name}`);
  out.addEventListener("click", () => take(field, held.get(field).filter((other) => other !== each)));
  item.append(said, out);
  return item;
}

// what is shown and what will be sent are the same list
function take(field, files) {
  held.set(field, files);
  const sent = new DataTransfer();
  for (const each of files) sent.items.add(each.file);
  field.querySelector("[data-files]").files = sent.files;
  const list = field.querySelector("[data-chosen-files]");
  for (const old of list.querySelectorAll("[data-fresh]")) old.remove();
  list.append(...files.map((each) => line(field, each)));
  if (files.length) field.querySelector("[name$='.on_paper']").checked = false;
}

async function add(field, fresh) {
  const says = field.dataset;
  const files = [...(held.get(field) ?? [])];
  const kept = () => field.querySelectorAll("[name$='.kept']:checked").length;
  const refused = [];
  for (const file of fresh) {
    let why = await wrong(file, says, Number(says.mostBytes));
    const sum = why ? "" : await digest(file);
    if (!why && sum && files.some((each) => each.digest === sum)) why = says.saysTwice;
    if (!why && files.length + kept() >= Number(says.most)) why = says.saysMany;
    if (why) refused.push(`${file.name}: ${why}`);
    else files.push({ file, digest: sum });
  }
  take(field, files);
  const told = refused.map((each) => Object.assign(document.createElement("li"), { textContent: each }));
  field.querySelector("[data-files-wrong]").replaceChildren(...told);
}

// one after the other, so that two quick choices do not lose each other's files; a field is here while it looks
const turns = new Map();
function next(field, fresh) {
  if (!fresh.length) return;
  const turn = (turns.get(field) ?? Promise.resolve()).then(() => add(field, fresh));
  turns.set(field, turn);
  turn.finally(() => turns.get(field) === turn && turns.delete(field));
}

// a pasted picture has no name of its own
function pasted(event) {
  const fields = [...document.querySelectorAll("[data-upload]")];
  const field = event.target.closest?.("[data-upload]") ?? (fields.length === 1 ? fields[0] : null);
  const files = [...(event.clipboardData?.files ?? [])];
  if (!field || !files.length) return;
  event.preventDefault();
  const at = new Date().toLocaleString("sv").replace(/[-:]/g, "").replace(" ", "-");
  next(field, files.map((file) => (/^image\.\w+$/.test(file.name) ? new File([file], `${at}-${file.name}`, { type: file.type }) : file)));
}

function dropped(field) {
  const mark = (on) => field.classList.toggle("is-over", on);
  field.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    mark(true);
  });
  field.addEventListener("dragleave", (event) => field.contains(event.relatedTarget) || mark(false));
  field.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    mark(false);
    next(field, [...event.dataTransfer.files]);
  });
}

export function uploads() {
  const fields = document.querySelectorAll("[data-upload]");
  if (!fields.length) return;
  fields.forEach(dropped);
  document.addEventListener("paste", pasted);
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-files], [data-camera]")) return;
    const field = event.target.closest("[data-upload]");
    const fresh = [...event.target.files];
    // what was chosen before stays: the browser would replace it
    if (event.target.matches("[data-camera]")) event.target.value = "";
    next(field, fresh);
  });
  // a form that is sent while a file is still being looked at would leave it out
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    const looking = [...form.querySelectorAll("[data-upload]")].map((field) => turns.get(field)).filter(Boolean);
    if (!looking.length) return;
    event.preventDefault();
    // not within this very event, where a form cannot be sent anew
    Promise.all(looking).then(() => setTimeout(() => form.requestSubmit(submitter)));
  });
}
