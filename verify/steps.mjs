// A draw, step by step, so that anybody can follow how the order came about.
import { canonical } from "./forms.mjs";
import { el, put } from "./show.mjs";

// More places than this are not drawn one by one.
const SHOWN = 60;
const PACE = 900;
const PARTIES = { center: "交易中心", centre: "交易中心", supervisor: "监督人员", tenderee: "招标人", agency: "代理机构" };

/** What to call a candidate: its name if it may be known, else the beginning of its hash. */
function named(item) {
  const { candidate, c } = item;
  if (!candidate) return `${c.slice(0, 8)}…`;
  for (const key of ["name", "title", "value", "id"]) if (candidate[key] !== undefined) return String(candidate[key]);
  return canonical(candidate);
}

const step = (number, title, ...rest) => el("section", { class: "step" }, el("h3", {}, el("span", {}, String(number)), title), ...rest);
const table = (label, heads, rows) => el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
  el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, ...rows)));
const mono = (text) => el("td", { class: "mono" }, text);

function listOf(stratum) {
  const rows = stratum.items.map((item, place) => el("tr", {}, el("td", {}, String(place)), el("td", {}, item.candidate ? named(item) : "（保密）"), mono(item.c)));
  return table(`${stratum.name}的名单`, ["编号", "候选对象", "摘要"], rows);
}

function numbersOf(draw) {
  const rows = draw.contrib.map(({ party, commit, r, recovered }) => el("tr", {}, el("td", {}, PARTIES[party] ?? party), mono(commit), mono(r ?? "（没有公开）"), el("td", { class: "nowrap" }, recovered ? "由持钥人补齐" : r ? "本人公开" : "")));
  return table("各方的随机数", ["参加方", "先登记的承诺", "后公开的随机数", ""], rows);
}

/** The rearranging, exchange by exchange, with buttons to go on, back, to the end, and by itself. */
function rearranging(stratum) {
  const { items, steps } = stratum;
  const line = el("p", { role: "status" });
  const order = el("ol", { class: "order" });
  const before = (done) => {
    const found = items.map((_, place) => place);
    for (const [place, other] of steps.slice(0, done)) [found[place], found[other]] = [found[other], found[place]];
    return found;
  };
  let done = 0, timer = null;
  const show = () => {
    const now = before(done);
    const [place, other] = done ? steps[done - 1] : [-1, -1];
    const rows = now.slice(0, SHOWN).map((number, at) => {
      const looks = at === place || at === other ? "moved" : at < done || done === steps.length ? "fixed" : "";
      return el("li", { class: looks }, el("i", {}, `第${at + 1}位`), el("span", {}, `${number} 号 ${named(items[number])}`));
    });
    if (now.length > SHOWN) rows.push(el("li", {}, `其余 ${now.length - SHOWN} 个略`));
    put(order, ...rows);
    const left = items.length - place;
    const told = done === 0
      ? "开始时按编号排列。每一步用随机数在还没排定的里面取一个，放到下一个位置。"
      : `第 ${done} 步：还有 ${left} 个没有排定，随机数取其中第 ${other - place + 1} 个（${now[place]} 号），排到第 ${place + 1} 位${place === other ? "，它本来就在这里" : `，与 ${now[other]} 号交换`}。`;
    put(line, done === steps.length && done ? `${told} 全部排定。` : told);
    back.disabled = done === 0;
    next.disabled = last.disabled = done === steps.length;
  };
  const go = (to) => {
    done = Math.max(0, Math.min(steps.length, to));
    show();
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    put(play, "自动播放");
  };
  const button = (text, onclick) => el("button", { type: "button", class: "btn", onclick }, text);
  const back = button("上一步", () => { stop(); go(done - 1); });
  const next = button("下一步", () => { stop(); go(done + 1); });
  const last = button("排到最后", () => { stop(); go(steps.length); });
  const play = button("自动播放", () => {
    if (timer) return stop();
    if (done === steps.length) go(0);
    put(play, "停下");
    timer = setInterval(() => (done === steps.length ? stop() : go(done + 1)), PACE);
  });
  show();
  return el("div", {}, line, el("div", { class: "row" }, back, next, last, play), order);
}

function resultOf(stratum, replaced) {
  const numberOf = new Map(stratum.items.map((item, place) => [item.c, place]));
  const who = (c) => `${numberOf.get(c)} 号 ${named(stratum.items[numberOf.get(c)])}`;
  const walked = [...stratum.chosen.map((each) => ({ ...each, code: null })), ...stratum.skipped].sort((one, other) => one.place - other.place);
  const rows = walked.map(({ place, c, code }) => el("li", { class: code ? "skipped" : "chosen" }, el("i", {}, `第${place + 1}位`), el("span", {}, `${who(c)}${code ? `（${code}）` : ""}`)));
  const swaps = replaced.filter((each) => each.stratum === stratum.id).map((each) => el("li", {}, `${who(each.out)} 因“${each.reason}”由第 ${each.place + 1} 位候补 ${who(each.in)} 接替`));
  return el("div", {},
    el("p", {}, `从第 1 位起依次取用，取满 ${stratum.take} 个为止；按规则应回避的跳过（划线，括号里是理由代码）。其余的次序就是候补次序。`),
    el("ol", { class: "order whole" }, ...rows),
    swaps.length ? el("ul", { class: "dots" }, ...swaps) : null,
    el("p", {}, el("b", {}, "现在选中："), stratum.final.map(who).join("、")),
  );
}

/** The whole draw as a page shows it. */
export function drawSteps(draw) {
  const perStratum = (make) => draw.strata.map((stratum) => el("div", {}, draw.strata.length > 1 ? el("p", {}, el("b", {}, `${stratum.name}（${stratum.id}）`)) : null, make(stratum)));
  return el("section", { "aria-label": "一步一步看" },
    el("h3", {}, `一步一步看：抽取 ${draw.id}`),
    el("p", { class: "dim" }, draw.rule),
    step(1, "先固定名单", el("p", {}, "每个候选对象先算成摘要，按摘要排序编号，名单的总摘要记入账本。从此一个也不能增减调换。", draw.confidential ? "这份名单保密，事后只公布选中者。" : ""), ...perStratum(listOf), el("p", { class: "mono" }, `总摘要 ${draw.listRoot}`)),
    step(2, "各方各出一个随机数", el("p", {}, "各方先登记承诺（随机数的摘要），全部到齐后才公开随机数。先看到别人的数再改自己的，承诺就对不上。"), numbersOf(draw)),
    step(3, "合成种子", el("p", {}, "名单、各方的承诺和随机数写成一份底稿，底稿的摘要就是种子。任何一方改动一点，种子就完全不同。"),
      el("details", {}, el("summary", {}, "底稿全文"), el("p", { class: "mono" }, draw.transcript)), el("p", { class: "mono" }, `种子 ${draw.seed}`)),
    step(4, "按种子重排", el("p", {}, "种子产生一串随机数，下面的排法由它完全决定：本页刚才重新算了一遍。"), ...perStratum(rearranging)),
    step(5, "依次取用", ...perStratum((stratum) => resultOf(stratum, draw.replaced))),
  );
}
