// What a bid declares (trading/bidding/declaring.py): who makes what is offered, how large they are, and the brand that counts.
import { decimal, yuan } from "./pricetable.js";

const FIGURES = { employees: "从业人员（人）", revenue: "营业收入（万元）", assets: "资产总额（万元）" };
const SIZES = { large: "大型企业", medium: "中型企业", small: "小型企业", micro: "微型企业" };

const made = (name, facts = {}, ...children) => {
  const element = Object.assign(document.createElement(name), facts);
  element.append(...children);
  return element;
};

/** A figure as typed: null where nothing stands, undefined where it is no number; people are whole, sums are in hundredths. */
function figure(name, text) {
  if (!text.trim()) return null;
  return decimal(text, name === "employees" ? 0 : 2) ?? undefined;
}

/**
 * The size that a firm's figures make it by the industry's lower bounds (300号): `bounds` is {measure: [large, medium, small]}, `figures`
 * {measure: BigInt or null}, sums in hundredths of 万元. "" while one that counts is missing.
 */
export function sizeOf(bounds, figures) {
  const measures = Object.entries(bounds);
  if (measures.some(([name]) => figures[name] === null || figures[name] === undefined)) return "";
  const scale = (name, bound) => BigInt(bound) * (name === "employees" ? 1n : 100n);
  const place = [0, 1, 2].find((at) => measures.every(([name, each]) => figures[name] >= scale(name, each[at])));
  return ["large", "medium", "small"][place] ?? "micro";
}

/** One firm of the form, from its typed values; {firm} or {field, problem}: which field is wrong, and why in Chinese. */
export function firmOf(values, { plain, industries }) {
  const wrong = (field, problem) => ({ field, problem });
  const text = (name) => values[name].trim();
  if (!text("item")) return wrong("item", "请填写标的名称");
  if (!text("name")) return wrong("name", "请填写企业名称");
  if (!values.kind) return wrong("kind", "请选择企业类型");
  const firm = { item: text("item"), name: text("name"), kind: values.kind, industry: "", employees: null, revenue: null, assets: null };
  if (plain.includes(values.kind)) return { firm };
  if (!values.industry) return wrong("industry", "请选择所属行业");
  for (const name of Object.keys(FIGURES)) {
    const found = figure(name, values[name]);
    if (found === undefined) return wrong(name, name === "employees" ? "请填写整数" : "请填写数字，最多两位小数，单位为万元");
    if (found !== null) firm[name] = name === "employees" ? Number(found) : yuan(found);
  }
  return { firm: { ...firm, industry: values.industry }, size: sizeOf(industries.find(([code]) => code === values.industry)[2], sizes(values)) };
}

const sizes = (values) => Object.fromEntries(Object.keys(FIGURES).map((name) => [name, figure(name, values[name])]));

/**
 * Lay out the declarations that `asked()` (declares of the terms, or null) wants in `box`. `kept` keeps what is typed: {read(), write(values)}.
 * Answers {layOut, declarations}: declarations() is what the form takes, null where nothing is asked; errors say in Chinese what is missing.
 */
export function declaring(box, asked, kept = { read: () => null, write: () => {} }) {
  let rows = [], wants = null, promise = null, brand = null, model = null, serial = 0;

  function field(label, input, hint = "") {
    input.id = `declared-${++serial}`;
    input.className = input.tagName === "SELECT" ? "form-select" : "form-control";
    const problem = made("span", { className: "err", hidden: true, id: `${input.id}-problem` });
    problem.setAttribute("role", "alert");
    input.setAttribute("aria-describedby", problem.id);
    const shown = made("div", { className: "field" }, made("label", { className: "form-label", htmlFor: input.id, textContent: label }));
    if (hint) shown.append(made("div", { className: "form-text hint", textContent: hint }));
    shown.append(problem, input);
    return { input, shown, problem };
  }

  function tell({ input, problem }, words) {
    problem.hidden = !words;
    input.closest(".field").classList.toggle("bad", Boolean(words));
    problem.textContent = words;
    input.setAttribute("aria-invalid", String(Boolean(words)));
  }

  const choice = (options) => made("select", {}, new Option("请选择", ""), ...options.map(([value, label]) => new Option(label, value)));
  const typed = (mode) => made("input", { inputMode: mode, autocomplete: "off", maxLength: 120 });

  function addFirm(values = {}) {
    const maker = wants.goods ? "制造商名称" : "承建或者承接企业名称";
    const fields = {
      item: field("标的名称", typed("text")), name: field(maker, typed("text")), kind: field("企业类型", choice(wants.kinds)),
      industry: field("所属行业", choice(wants.industries)),
      ...Object.fromEntries(Object.entries(FIGURES).map(([name, label]) => [name, field(label, typed(name === "employees" ? "numeric" : "decimal"))])),
    };
    const said = made("p", { className: "small hint" });
    said.setAttribute("role", "status");
    const remove = made("button", { type: "button", className: "btn btn-s btn-line", textContent: "删去这一家" });
    const shown = made("div", { className: "g g-2 fields" }, ...Object.values(fields).map((each) => each.shown));
    const row = { fields, element: made("fieldset", { className: "mb-3" }, made("legend", { className: "form-label" }), shown, said, remove) };
    for (const [name, { input }] of Object.entries(fields)) input.value = values[name] ?? "";
    row.values = () => Object.fromEntries(Object.entries(fields).map(([name, { input }]) => [name, input.value]));
    row.check = () => {
      const found = firmOf(row.values(), wants);
      for (const [name, each] of Object.entries(fields)) tell(each, name === found.field && each.input.value ? found.problem : "");
      const bare = wants.plain.includes(fields.kind.input.value);
      for (const name of ["industry", ...Object.keys(FIGURES)]) fields[name].shown.hidden = bare;
      const differs = found.size && found.size !== fields.kind.input.value;
      said.className = `small hint ${differs ? "note note-warn warn" : ""}`;
      said.textContent = !found.size ? "" : differs ? `按所填数据划型为${SIZES[found.size]}，与声明不一致，请核对。仍可封存，由评标委员会判断。` : `按所填数据划型为${SIZES[found.size]}，与声明一致。`;
      return found;
    };
    remove.addEventListener("click", () => {
      rows = rows.filter((each) => each !== row);
      row.element.remove();
      changed();
      add.focus();
    });
    rows.push(row);
    list.append(row.element);
    changed();
    return row;
  }

  function basis() {
    const shown = made("details", { className: "small mb-2" }, made("summary", { textContent: "依据" }));
    shown.append(...wants.rules.map((words) => made("p", { className: "hint", textContent: words })));
    return shown;
  }

  const list = made("div");
  const add = made("button", { type: "button", className: "btn btn-s btn-line mb-3", textContent: "填写一家企业" });
  add.addEventListener("click", () => addFirm().fields.item.input.focus());

  function changed() {
    rows.forEach((row, place) => {
      row.element.querySelector("legend").textContent = `第 ${place + 1} 家`;
      row.check();
    });
    if (promise) promise.closest("div").hidden = !rows.length;
    kept.write({ firms: rows.map((row) => row.values()), brand: brand?.input.value ?? "", model: model?.input.value ?? "" });
  }

  function layOut() {
    wants = asked();
    box.hidden = !wants;
    [rows, promise, brand, model] = [[], null, null, null];
    list.replaceChildren();
    const lines = box.querySelector("[data-lines]");
    lines.replaceChildren();
    if (!wants) return;
    const before = kept.read() ?? {};
    if (wants.policy) {
      promise = made("input", { type: "checkbox", className: "form-check-input", id: "declared-promise" });
      const agree = made("div", { className: "form-check mb-3" }, promise, made("label", { className: "form-check-label", htmlFor: promise.id, textContent: `我单位承诺：${wants.promise}` }));
      const helps = wants.kinds.filter(([, , helped]) => helped).map(([, name]) => name).join("、");
      const effect = wants.percent ? `全部标的都由${helps}提供的，评标时按报价扣除 ${wants.percent}%，合同价仍是报价；有一项由其他企业提供的，不享受。` : `本项目专门面向中小企业：全部标的都须由${helps}提供，没有声明的不通过资格评审。`;
      lines.append(made("p", { className: "small hint", textContent: `${effect}数据填上一年度的，新成立没有数据的可以不填。不享受政策的不用填。` }), basis(), list, add, agree);
      (before.firms ?? []).forEach(addFirm);
    }
    if (wants.brand) {
      brand = field(wants.core ? `核心产品（${wants.core}）的品牌` : "所投产品的品牌", typed("text"), "与产品铭牌、检测报告一致；同品牌的几家投标按一家计算");
      model = field("型号", typed("text"));
      [brand.input.value, model.input.value] = [before.brand ?? "", before.model ?? ""];
      lines.append(made("div", { className: "g g-2 fields" }, brand.shown, model.shown));
    }
    changed();
  }

  box.addEventListener("input", changed);
  layOut();

  function stop(each, words) {
    tell(each, words);
    each.input.focus();
    throw new Error(`${words}。`);
  }

  function declarations() {
    if (!wants) return null;
    const firms = rows.map((row, place) => {
      const { firm, field: name, problem } = row.check();
      if (!firm) stop(row.fields[name], `第 ${place + 1} 家企业：${problem}`);
      return firm;
    });
    if (firms.length && !promise.checked) throw new Error("请阅读并勾选中小企业声明的承诺。");
    if (brand && !brand.input.value.trim()) stop(brand, "请填写产品品牌");
    return {
      firms, promise: firms.length ? wants.promise : "",
      brand: brand ? { brand: brand.input.value.trim(), model: model.input.value.trim() } : null,
    };
  }

  return { layOut, declarations };
}

/** The form with its declarations: version 4, with whatever earlier versions would say. */
export function declared(further, declarations, technical) {
  if (!declarations) return further;
  return { price_table: null, team: [], qualifications: [], records: [], index: [], technical_files: technical.length, ...further, v: 4, declarations };
}

/** Keeps what is typed on this computer: for this lot, and the firms for the next bid to begin with. Never a price. */
export function keptFor({ bidder, tender, lot }) {
  const [here, last] = [`declared:${bidder}:${tender}/${lot}`, `declared:${bidder}`];
  const read = (key) => {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  };
  return {
    read: () => read(here) ?? { firms: read(last)?.firms ?? [] },
    write(values) {
      localStorage.setItem(here, JSON.stringify(values));
      if (values.firms.length) localStorage.setItem(last, JSON.stringify({ firms: values.firms }));
    },
  };
}
