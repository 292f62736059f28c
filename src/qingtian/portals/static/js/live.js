// One stream of events a page. Each event becomes a DOM event on <body>, for htmx (`qtalert from:body`) and for modules.
const NAMES = {
  "alert.opened": "qtalert",
  "alert.changed": "qtalert",
  "task.changed": "qttask",
  "device.changed": "qtdevice",
  "command.changed": "qtcommand",
  "backfill.changed": "qtbackfill",
  "relay.changed": "qtrelay",
  "deadletter.new": "qtdeadletter",
  "matter.changed": "qtmatter",
  catch_up: "qtcatchup",
};

function show(on) {
  for (const mark of document.querySelectorAll("[data-live]")) {
    mark.dataset.live = on ? "on" : "off";
    mark.querySelector("[data-live-on]").hidden = !on;
    mark.querySelector("[data-live-off]").hidden = on;
  }
}

export function listen() {
  if (!document.querySelector("[data-live]")) return;
  const stream = new EventSource("/events/");
  let lost = false;
  stream.onopen = () => {
    show(true);
    // what happened while we were away was not heard
    if (lost) document.body.dispatchEvent(new CustomEvent("qtcatchup"));
    lost = false;
  };
  stream.onerror = () => {
    lost = true;
    show(false);
  };
  stream.onmessage = (message) => {
    const event = JSON.parse(message.data);
    const name = NAMES[event.kind];
    if (!name) return;
    document.body.dispatchEvent(new CustomEvent(name, { detail: event }));
    // a page of one object listens to its own events only
    if (event.episode) document.body.dispatchEvent(new CustomEvent(`qtalert-${event.episode}`, { detail: event }));
    if (event.command) document.body.dispatchEvent(new CustomEvent(`qtcommand-${event.command}`, { detail: event }));
    if (event.matter) document.body.dispatchEvent(new CustomEvent(`qtmatter-${event.matter}`, { detail: event }));
    if (event.task) document.body.dispatchEvent(new CustomEvent(`qttask-${event.task}`, { detail: event }));
  };
  addEventListener("pagehide", () => stream.close());
}
