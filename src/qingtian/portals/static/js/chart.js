// Charts by ECharts: readings with their limits and shaded flags, and small trends. Colours come from the page's tokens.
import { calm, css, figure, full, library, wide } from "./drawing.js";

// stretches of neighbouring points with the same flag other than N
function shades(points, words) {
  const found = [];
  let open = null;
  points.forEach(([at, , flag], index) => {
    if (open && open.flag !== flag) open = null;
    if (flag !== "N" && !open) found.push((open = { flag, from: at, to: at }));
    if (open) open.to = points[index + 1]?.[0] ?? at;
  });
  return found.map(({ flag, from, to }) => [
    { xAxis: from, name: `${flag} ${words[flag] ?? ""}`, label: { color: css("--ink-2"), position: "insideTop", fontSize: 11 } },
    { xAxis: to },
  ]);
}

function lines(limits) {
  const style = { hour: "dashed", day: "solid", instant: "dotted" };
  return limits.flatMap((limit) =>
    ["upper", "lower"].filter((side) => limit[side] !== null).map((side) => ({
      yAxis: limit[side],
      lineStyle: { color: css("--breach"), type: style[limit.period] ?? "solid", width: 1.5 },
      label: { formatter: limit.word, position: "insideEndTop", color: css("--breach"), fontSize: 11 },
    })),
  );
}

function top(data) {
  const uppers = data.limits.map((limit) => limit.upper).filter((value) => value !== null);
  return (range) => Number((Math.max(range.max, ...uppers) * 1.1 || 1).toPrecision(2));
}

function option(data, small) {
  const ink = css("--ink-3");
  const colours = [css("--brand"), css("--attention-mark")];
  const first = data.series.flatMap((one) => one.points.slice(0, 1).map((point) => point[0]));
  return {
    animation: !calm && !small,
    animationDuration: 250,
    color: colours,
    grid: { left: 8, right: 14, top: small && data.series.length < 2 ? 10 : 30, bottom: small ? 4 : 44, containLabel: true },
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    legend: data.series.length > 1 ? { top: 0, textStyle: { color: css("--ink-2") }, icon: "roundRect", itemHeight: 3 } : undefined,
    tooltip: {
      trigger: "axis",
      backgroundColor: css("--raised"),
      borderColor: css("--line"),
      textStyle: { color: css("--ink"), fontSize: 13 },
      formatter: (items) => {
        const rows = items.map(({ seriesName, value }) => `${seriesName} <b>${figure(value[1])}</b> ${data.unit}${value[2] === "N" ? "" : ` · ${data.said.flag} ${value[2]} ${data.flags[value[2]] ?? ""}`}`);
        return [full.format(items[0].value[0]), ...rows].join("<br>");
      },
    },
    xAxis: {
      type: "time",
      minInterval: 60000,
      min: Math.max(data.start, Math.min(...first, data.end)),
      max: data.end,
      axisLine: { lineStyle: { color: css("--line") } },
      axisLabel: { color: ink, hideOverlap: true, formatter: wide(data.start, data.end) },
      splitLine: { show: false },
    },
    yAxis: {
      type: "value",
      min: (range) => Math.min(0, range.min),
      max: top(data),
      name: small ? "" : data.unit,
      nameTextStyle: { color: ink, align: "left" },
      axisLabel: { color: ink, formatter: figure },
      splitLine: { lineStyle: { color: css("--line") } },
    },
    dataZoom: small ? [] : [{ type: "inside", filterMode: "none" }, { type: "slider", height: 16, bottom: 6, borderColor: css("--line"), fillerColor: css("--brand-soft"), showDetail: false, brushSelect: false, dataBackground: { lineStyle: { opacity: 0 }, areaStyle: { opacity: 0 } } }],
    series: data.series.map((one, index) => ({
      type: "line",
      name: one.name,
      data: one.points,
      showSymbol: one.points.length < 40,
      symbolSize: 5,
      lineStyle: { width: 1.6 },
      connectNulls: false,
      markArea: { silent: true, itemStyle: { color: css("--silent-soft"), opacity: 0.8 }, data: shades(one.points, data.flags) },
      markLine: index ? undefined : { silent: true, symbol: "none", data: lines(data.limits) },
    })),
  };
}

async function draw_one(echarts, place) {
  const answer = await fetch(place.dataset.chart, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const data = await answer.json();
  place.setAttribute("aria-busy", "false");
  const empty = !data.series.some((one) => one.points.length);
  place.parentElement.querySelector("[data-chart-empty]")?.toggleAttribute("hidden", !empty);
  place.hidden = empty;
  if (empty) return;
  const chart = echarts.getInstanceByDom(place) ?? echarts.init(place);
  chart.setOption(option(data, place.classList.contains("small")), { notMerge: true });
}

function trend(echarts, place) {
  const data = JSON.parse(document.getElementById(place.dataset.trend).dataset.points);
  const chart = echarts.getInstanceByDom(place) ?? echarts.init(place);
  chart.setOption({
    animation: false,
    grid: { left: 4, right: 8, top: 12, bottom: 4, containLabel: true },
    tooltip: { trigger: "axis", backgroundColor: css("--raised"), borderColor: css("--line"), textStyle: { color: css("--ink") } },
    xAxis: { type: "category", data: data.labels, axisLabel: { color: css("--ink-3") }, axisLine: { lineStyle: { color: css("--line") } }, axisTick: { show: false } },
    yAxis: { type: "value", minInterval: 1, splitNumber: 3, axisLabel: { color: css("--ink-3") }, splitLine: { lineStyle: { color: css("--line") } } },
    series: [{ type: "bar", name: data.name, data: data.values, itemStyle: { color: css("--brand"), borderRadius: [2, 2, 0, 0] }, barMaxWidth: 14 }],
  });
}

export async function draw() {
  const echarts = await library();
  const charts = () => document.querySelectorAll("[data-chart]");
  const all = () => {
    for (const place of charts()) draw_one(echarts, place);
    for (const place of document.querySelectorAll("[data-trend]")) trend(echarts, place);
  };
  all();
  addEventListener("resize", () => {
    for (const place of document.querySelectorAll("[data-chart], [data-trend]")) echarts.getInstanceByDom(place)?.resize();
  });
  document.body.addEventListener("htmx:after:swap", () => document.querySelectorAll("[data-trend]").forEach((place) => trend(echarts, place)));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  // readings reach the lake a moment after they arrive
  setInterval(() => !document.hidden && charts().forEach((place) => place.dataset.chartLive && draw_one(echarts, place)), 10000);
}
