// What all charts share: the library, the colours of the page's tokens, Beijing times and figures.
export const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
export const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

export function library() {
  if (window.echarts) return Promise.resolve(window.echarts);
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("../vendor/echarts.js", import.meta.url).href;
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });
}

// days are written as everywhere on the pages, in any language: 2026-11-23, months 2026-11
function beijing(form) {
  const written = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hourCycle: "h23", ...form });
  return { format: (at) => written.format(at).replaceAll(/[/年]/g, "-").replace("月", "") };
}
export const clock = beijing({ hour: "2-digit", minute: "2-digit" });
export const day = beijing({ month: "2-digit", day: "2-digit" });
export const month = beijing({ year: "numeric", month: "2-digit" });
export const full = beijing({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const figure = (value) => (Math.abs(value) >= 10000 ? value.toFixed(0) : String(Number(value.toPrecision(4))));

// how times are written below an axis of this length
export function wide(from, to) {
  const days = (to - from) / 864e5;
  const form = days > 200 ? month : days > 1.5 ? day : clock;
  // ECharts puts its marks at the midnights of this computer; where those are not Beijing's, the hour says so
  return (at) => (form === day && clock.format(at) !== "00:00" ? `${day.format(at)} ${clock.format(at)}` : form.format(at));
}
