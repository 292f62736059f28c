// What every page does: live events, keyboard, drafts, sheets, menus. Small modules, no bundler.
import { listen } from "./live.js";
import { keys } from "./keys.js";
import { drafts } from "./drafts.js";
import { sheets } from "./sheets.js";
import { uploads } from "./upload.js";
import { door } from "./door.js";
import { folds } from "./fold.js";
import { choose, views } from "./choose.js";

listen();
keys();
drafts();
sheets();
uploads();
door();
folds();
choose();
views();
document.querySelector("[data-focus]")?.focus();

if (document.querySelector("[data-chart], [data-trend]")) import("./chart.js").then((chart) => chart.draw());
if (document.querySelector("[data-history]")) import("./history.js").then((history) => history.draw());
if (document.querySelector("[data-map]")) import("./map.js").then((map) => map.draw());
