// The map of the city: districts and outlets only, no tiles, no glyphs, no other host. Shapes are drawn here, names are HTML.
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const STATES = ["normal", "unknown", "silent", "attention", "breach"];
const SIZE = { normal: 9, unknown: 10, silent: 10, attention: 14, breach: 16 };
const COLOUR = { normal: "--normal", unknown: "--silent", silent: "--silent", attention: "--attention-mark", breach: "--breach" };
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

function path(context, state, size) {
  const middle = size / 2;
  const edge = size * 0.42;
  context.beginPath();
  if (state === "attention") {
    context.moveTo(middle, middle - edge);
    context.lineTo(middle + edge, middle + edge * 0.8);
    context.lineTo(middle - edge, middle + edge * 0.8);
    context.closePath();
  } else if (state === "breach") {
    context.moveTo(middle, middle - edge);
    context.lineTo(middle + edge, middle);
    context.lineTo(middle, middle + edge);
    context.lineTo(middle - edge, middle);
    context.closePath();
  } else context.arc(middle, middle, edge * 0.9, 0, Math.PI * 2);
}

function image(state) {
  const size = SIZE[state] * 2;
  const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const context = canvas.getContext("2d");
  const hollow = state === "silent" || state === "unknown";
  path(context, state, size);
  context.fillStyle = hollow ? css("--map-land") : css(COLOUR[state]);
  context.fill();
  context.strokeStyle = hollow ? css(COLOUR[state]) : css("--paper");
  context.lineWidth = hollow ? 3 : 1.5;
  context.stroke();
  return context.getImageData(0, 0, size, size);
}

const style = () => ({
  version: 8,
  sources: {},
  layers: [{ id: "sea", type: "background", paint: { "background-color": css("--map-sea") } }],
});

// what the map shows at first: outlines, the places of names and outlets; of an office without any the whole country
const COUNTRY = [[73, 18], [135, 54]];

function bounds({ districts, outlets }) {
  const box = [180, 90, -180, -90];
  const walk = (part) => {
    if (typeof part[0] === "number") {
      box[0] = Math.min(box[0], part[0]);
      box[1] = Math.min(box[1], part[1]);
      box[2] = Math.max(box[2], part[0]);
      box[3] = Math.max(box[3], part[1]);
    } else part.forEach(walk);
  };
  [...districts.features, ...outlets.features].forEach((feature) => walk(feature.geometry.coordinates));
  districts.features.forEach(({ properties }) => walk([properties.lon, properties.lat]));
  return box[0] > box[2] ? COUNTRY : [[box[0], box[1]], [box[2], box[3]]];
}

function layers(map, data) {
  map.addSource("districts", { type: "geojson", data: data.districts });
  map.addSource("outlets", { type: "geojson", data: data.outlets });
  map.addLayer({ id: "land", type: "fill", source: "districts", paint: { "fill-color": css("--map-land") } });
  map.addLayer({ id: "borders", type: "line", source: "districts", paint: { "line-color": css("--map-line"), "line-width": 1 } });
  for (const state of STATES) {
    map.addImage(state, image(state), { pixelRatio: 2 });
    map.addLayer({
      id: `outlets-${state}`,
      type: "symbol",
      source: "outlets",
      filter: ["==", ["get", "state"], state],
      layout: {
        "icon-image": state,
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "icon-size": ["interpolate", ["linear"], ["zoom"], 9, 0.85, 13, 1.7],
      },
    });
  }
}

function popup(maplibre, map, place, feature) {
  const { code, name, enterprise, word, heard } = feature.properties;
  const box = document.createElement("div");
  const title = Object.assign(document.createElement("strong"), { textContent: name });
  const firm = Object.assign(document.createElement("p"), { textContent: enterprise, className: "quiet" });
  const state = Object.assign(document.createElement("p"), { textContent: `${word} · ${place.dataset.heard} ${heard}` });
  const link = Object.assign(document.createElement("a"), { textContent: place.dataset.open, href: `/outlets/${code}/` });
  box.append(title, firm, state, link);
  new maplibre.Popup({ maxWidth: "20rem", focusAfterOpen: true }).setLngLat(feature.geometry.coordinates).setDOMContent(box).addTo(map);
}

function names(maplibre, map, districts) {
  for (const { properties } of districts.features) {
    const label = Object.assign(document.createElement("span"), { className: "district", textContent: properties.name });
    label.setAttribute("aria-hidden", "true");
    new maplibre.Marker({ element: label, anchor: "center" }).setLngLat([properties.lon, properties.lat]).addTo(map);
  }
}

function obey(map) {
  const layer = () => {
    for (const box of document.querySelectorAll("[data-layer]"))
      if (map.getLayer(`outlets-${box.dataset.layer}`)) map.setLayoutProperty(`outlets-${box.dataset.layer}`, "visibility", box.checked ? "visible" : "none");
  };
  document.addEventListener("change", (event) => event.target.matches("[data-layer]") && layer());
}

function refresh(map, url) {
  let waiting = false;
  const again = () => {
    if (waiting) return;
    waiting = true;
    setTimeout(async () => {
      const answer = await fetch(`${url}?only=outlets`);
      waiting = false;
      if (answer.ok) map.getSource("outlets")?.setData((await answer.json()).outlets);
    }, 1500);
  };
  for (const name of ["qtdevice", "qtalert", "qtcatchup"]) document.body.addEventListener(name, again);
  setInterval(() => !document.hidden && again(), 20000);
}

function able() {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(context);
}

export async function draw() {
  arrivals();
  const place = document.querySelector("[data-map]");
  if (!able()) {
    place.hidden = true;
    document.querySelector("[data-no-map]").hidden = false;
    document.querySelector(".map-card details").open = true;
    return;
  }
  const [maplibre, data] = await Promise.all([import("../vendor/maplibre-gl.mjs"), fetch(place.dataset.map).then((answer) => answer.json())]);
  const map = new maplibre.Map({
    container: place,
    style: style(),
    bounds: bounds(data),
    fitBoundsOptions: { padding: 24, maxZoom: 12 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    renderWorldCopies: false,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  if (calm) map.easeTo = (options) => map.jumpTo(options);
  await map.once("load");
  layers(map, data);
  names(maplibre, map, data.districts);
  obey(map);
  refresh(map, place.dataset.map);
  const ids = STATES.map((state) => `outlets-${state}`);
  map.on("click", (event) => {
    const found = map.queryRenderedFeatures([event.point.sub({ x: 6, y: 6 }), event.point.add({ x: 12, y: 12 })], { layers: ids });
    if (found.length) popup(maplibre, map, place, found.at(-1));
  });
  map.on("mousemove", (event) => {
    map.getCanvas().style.cursor = map.queryRenderedFeatures(event.point, { layers: ids }).length ? "pointer" : "";
  });
  place.dataset.drawn = "true";
}

// an alert that was not there before slides in
function arrivals() {
  let known = new Set([...document.querySelectorAll("[data-arrivals] .alert-row")].map((row) => row.id));
  document.body.addEventListener("htmx:after:swap", () => {
    const rows = [...document.querySelectorAll("[data-arrivals] .alert-row")];
    for (const row of rows) if (!known.has(row.id)) row.classList.add("arrived");
    known = new Set(rows.map((row) => row.id));
  });
}
