// Histories: curves with limits, flags, marks and findings; a wheel, a finger or the keyboard zooms, and what is nearer
// is asked of the server anew. Several of them on a page move together (comparison).
import { css, figure, full, library, wide } from "./drawing.js";

const LEAST = 10 * 60e3;
const MOST = 3660 * 864e5;
const HIDDEN = "band";
const DASHES = { hour: "dashed", day: "solid", instant: "dotted" };

const places = () => [...document.querySelectorAll("[data-history]")];
const now = { from: 0, to: 0, home: null };

function address(place, form) {
  const query = new URLSearchParams(place.dataset.query);
  if (now.home) {
    query.delete("range");
    query.set("from", new Date(now.from).toISOString());
    query.set("to", new Date(now.to).toISOString());
  }
  query.set("format", form);
  return `${place.dataset.history}?${query}`;
}

const shade = (from, to, name, colour, opacity) => [
  { xAxis: from, name, itemStyle: { color: css(colour), opacity }, label: { color: css("--ink-2"), position: "insideTop", fontSize: 11 } },
  { xAxis: to },
];

function areas(data) {
  const flagged = data.flags.map(([from, to, flag, word]) => shade(from, to, `${flag} ${word}`, "--silent-soft", 0.9));
  const invalid = data.invalid.map(([from, to, , word]) => shade(from, to, word, "--silent-soft", 0.9));
  const marked = data.marks.map((mark) => shade(mark.from, mark.to, mark.word, "--brand-soft", 0.75));
  // names of many narrow stretches would lie on each other
  const all = [...flagged, ...invalid, ...marked];
  const least = (data.to - data.from) / 14;
  for (const [first, last] of all) if (last.xAxis - first.xAxis < least) first.label = { show: false };
  return all;
}

function limits(data) {
  return data.limits.flatMap((limit) =>
    ["upper", "lower"].filter((side) => limit[side] !== null).map((side) => [
      {
        coord: [limit.from, limit[side]],
        lineStyle: { color: css("--breach"), type: DASHES[limit.period] ?? "solid", width: 1.5 },
        label: { show: true, formatter: limit.word, position: "insideEndTop", color: css("--breach"), fontSize: 11 },
      },
      { coord: [limit.to, limit[side]] },
    ]),
  );
}

function pins(data) {
  return {
    type: "scatter",
    name: "findings",
    z: 5,
    symbol: "diamond",
    symbolSize: 13,
    itemStyle: { color: css("--attention-mark"), borderColor: css("--ink"), borderWidth: 1 },
    // a suspicion has no value of its own: it stands on the axis
    data: data.findings.map((one) => ({ value: [one.at, one.value ?? 0], found: one })),
  };
}

function curve(one, index, data) {
  const looks = { counted: ["--brand", "solid", 1.8], measured: ["--brand", "solid", 1.5], own: ["--ink-3", "dashed", 1.2], reported: ["--attention-mark", "dotted", 1.6] };
  const [colour, type, width] = one.role === "measured" && index ? ["--attention-mark", "solid", 1.5] : looks[one.role];
  const line = {
    type: "line",
    name: one.name,
    datasetIndex: index,
    encode: { x: "at", y: "value" },
    showSymbol: one.at.length < 60,
    hoverAnimation: false,
    emphasis: { disabled: true },
    symbolSize: 5,
    itemStyle: { color: css(colour) },
    lineStyle: { color: css(colour), type, width },
    connectNulls: false,
    animation: false,
    markArea: index ? undefined : { silent: true, data: areas(data) },
    markLine: index ? undefined : { silent: true, symbol: "none", data: limits(data) },
  };
  return one.low ? [...band(css(colour), index), line] : [line];
}

// columns as they came: no object for each of ten thousand points
function columns(one) {
  const source = { at: one.at, value: one.value };
  if (one.low) Object.assign(source, { low: one.low, high: one.high, count: one.count, between: one.high.map((high, place) => (high === null ? null : high - one.low[place])) });
  return { source, dimensions: Object.keys(source) };
}

// the lowest and highest of each stretch, as a band behind the mean: what is between two curves that are not drawn
function band(colour, index) {
  const edge = (column) => ({
    type: "line",
    name: HIDDEN,
    silent: true,
    animation: false,
    symbol: "none",
    z: 1,
    stack: `band ${index}`,
    stackStrategy: "all",
    lineStyle: { opacity: 0 },
    emphasis: { disabled: true },
    datasetIndex: index,
    encode: { x: "at", y: column },
  });
  return [edge("low"), { ...edge("between"), areaStyle: { color: colour, opacity: 0.2 } }];
}

function tip(data) {
  return (items) => {
    const found = items.find((item) => item.data?.found)?.data.found;
    const rows = items.filter((item) => item.seriesName !== HIDDEN && item.seriesType === "line" && item.value[1] !== null).map(({ seriesName, value }) => {
      const more = value[4] > 1 ? ` (${data.said.low} ${figure(value[2])}, ${data.said.high} ${figure(value[3])}, ${value[4]} ${data.said.n})` : "";
      return `${seriesName} <b>${figure(value[1])}</b> ${data.unit}${more}`;
    });
    return [full.format(items[0].value[0]), ...rows, ...(found ? [`◆ ${found.word}`] : [])].join("<br>");
  };
}

function option(data, compared) {
  const ink = css("--ink-3");
  const tops = data.limits.map((limit) => limit.upper).filter((value) => value !== null);
  return {
    animation: false,
    dataset: data.series.map(columns),
    // panels below each other share one left edge
    grid: compared ? { left: 62, right: 16, top: 34, bottom: 26 } : { left: 8, right: 16, top: 44, bottom: 44, containLabel: true },
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    legend: { show: !compared || data.series.length > 1, top: 0, data: data.series.map((one) => one.name), textStyle: { color: css("--ink-2") }, itemHeight: 3, type: "scroll" },
    tooltip: { trigger: "axis", confine: true, backgroundColor: css("--raised"), borderColor: css("--line"), textStyle: { color: css("--ink"), fontSize: 13 }, formatter: tip(data) },
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    xAxis: { type: "time", min: data.from, max: data.to, axisLine: { lineStyle: { color: css("--line") } }, axisLabel: { color: ink, hideOverlap: true, formatter: wide(data.from, data.to) }, splitLine: { show: false } },
    yAxis: {
      type: "value",
      name: data.unit,
      nameTextStyle: { color: ink, align: "left" },
      min: (range) => Math.min(0, range.min),
      max: (range) => Number((Math.max(range.max, ...tops) * 1.1 || 1).toPrecision(2)),
      axisLabel: { color: ink, formatter: figure },
      splitLine: { lineStyle: { color: css("--line") } },
    },
    dataZoom: [
      { type: "inside", filterMode: "none" },
      ...(compared ? [] : [{ type: "slider", height: 18, bottom: 6, filterMode: "none", borderColor: css("--line"), fillerColor: css("--brand-soft"), showDetail: false, brushSelect: false, dataBackground: { lineStyle: { opacity: 0 }, areaStyle: { opacity: 0 } } }]),
    ],
    series: [...data.series.flatMap((one, index) => curve(one, index, data)), pins(data)],
  };
}

function row(link, word, when, more) {
  const line = document.createElement("p");
  line.className = "line";
  const name = document.createElement("a");
  name.href = link;
  name.textContent = word;
  const rest = document.createElement("span");
  rest.className = "quiet";
  rest.textContent = ` ${when} ${more}`;
  line.append(name, rest);
  return line;
}

function list(data) {
  const place = document.querySelector("[data-history-list]");
  if (!place) return;
  const marks = data.marks.map((mark) => row(mark.link, mark.word, `${full.format(mark.from)} – ${full.format(mark.to)}`, ""));
  const found = data.findings.map((one) => row(one.link, one.word, full.format(one.at), one.sentence));
  place.replaceChildren(...marks, ...found.slice(-50).reverse());
  if (!place.childElementCount) place.innerHTML = `<p class="empty">${place.dataset.none}</p>`;
}

const asked = new WeakMap();

async function fetch_one(echarts, place) {
  asked.get(place)?.abort();
  const stop = new AbortController();
  asked.set(place, stop);
  place.setAttribute("aria-busy", "true");
  const began = performance.now();
  let data;
  try {
    const answer = await fetch(address(place, "json"), { signal: stop.signal });
    if (!answer.ok) return;
    data = await answer.json();
  } catch (error) {
    if (error.name === "AbortError") return;
    throw error;
  }
  if (!now.home) Object.assign(now, { from: data.from, to: data.to, home: [data.from, data.to] });
  show(await echarts, place, data);
  place.dataset.drawnIn = String(Math.round(performance.now() - began));
  place.setAttribute("aria-busy", "false");
}

function show(echarts, place, data) {
  const card = place.closest(".card");
  const empty = !data.series.some((one) => one.at.length);
  card.querySelector("[data-history-empty]")?.toggleAttribute("hidden", !empty);
  place.hidden = empty;
  const said = card.querySelector("[data-history-told]");
  if (said) said.textContent = empty ? "" : data.told;
  const span = card.querySelector("[data-history-span]");
  if (span) span.textContent = `${full.format(data.from)} – ${full.format(data.to)}`;
  for (const link of card.querySelectorAll("[data-history-link]")) link.href = address(place, link.dataset.historyLink);
  list(data);
  if (empty) return;
  const chart = echarts.getInstanceByDom(place) ?? begin(echarts, place);
  chart.setOption(option(data, Boolean(place.closest(".comparison"))), { notMerge: true });
}

function begin(echarts, place) {
  const chart = echarts.init(place);
  chart.group = "histories";
  chart.on("click", (event) => event.data?.found && location.assign(event.data.found.link));
  chart.on("datazoom", () => {
    const zoom = chart.getOption().dataZoom[0];
    const span = now.to - now.from;
    later(echarts, now.from + (span * zoom.start) / 100, now.from + (span * zoom.end) / 100);
  });
  return chart;
}

let waiting;
function later(echarts, from, to) {
  clearTimeout(waiting);
  waiting = setTimeout(() => go(echarts, from, to), 350);
}

function go(echarts, from, to) {
  const span = Math.min(Math.max(to - from, LEAST), MOST);
  const middle = (from + to) / 2;
  const next = [Math.round(middle - span / 2), Math.round(middle + span / 2)];
  if (Math.abs(next[0] - now.from) < 1000 && Math.abs(next[1] - now.to) < 1000) return;
  [now.from, now.to] = next;
  const first = places()[0];
  history.replaceState(null, "", address(first, "html").replace(first.dataset.history, location.pathname).replace("&format=html", ""));
  for (const place of places()) fetch_one(echarts, place);
}

function key(echarts, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const span = now.to - now.from;
  const middle = (now.from + now.to) / 2;
  const moves = {
    ArrowLeft: [now.from - span / 4, now.to - span / 4],
    ArrowRight: [now.from + span / 4, now.to + span / 4],
    "+": [middle - span / 4, middle + span / 4],
    "=": [middle - span / 4, middle + span / 4],
    "-": [middle - span, middle + span],
    0: now.home,
  };
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  go(echarts, ...move);
}

export async function draw() {
  // the library and the data come side by side
  const coming = library();
  await Promise.all(places().map((place) => fetch_one(coming, place)));
  const echarts = await coming;
  echarts.connect("histories");
  for (const place of places()) place.addEventListener("keydown", (event) => key(echarts, event));
  addEventListener("resize", () => places().forEach((place) => echarts.getInstanceByDom(place)?.resize()));
}
