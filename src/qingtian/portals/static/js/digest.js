// What was chosen for a file field: its size and its SHA-256, the very digest under which it will be kept.
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function say(input) {
  const said = input.closest(".upload").querySelector("[data-digest-says]");
  const file = input.files[0];
  if (!file) return;
  const size = `${(file.size / 1024).toFixed(0)} KiB`;
  // a browser gives digests only to pages it trusts (https, or this machine)
  const digest = crypto.subtle ? hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())) : "";
  said.textContent = digest ? `${size} · SHA-256 ${digest}` : size;
}

export function digests() {
  document.addEventListener("change", (event) => event.target.matches("input[data-digest]") && say(event.target));
}
