// The bid page of a blind tender: names are looked for in the technical files as soon as they are chosen. One script with the rest,
// since a page makes its Trusted Types policy once.
import "./bid.js";
import { namesIn } from "./lib/anonymous.js";
import { given, told } from "./lib/base.js";
import { pdfReader } from "./lib/pdf.js";

const box = document.getElementById("blind");
const said = document.getElementById("blind-said");
const input = document.getElementById("technical");
let read = null, turn = 0;

function tell(kind, ...lines) {
  said.className = `note note-${kind} mt-2`;
  said.hidden = false;
  const rows = lines.map((words) => {
    const made = document.createElement("div");
    made.textContent = words;
    return made;
  });
  said.replaceChildren(...rows);
}

input?.addEventListener("change", async () => {
  const mine = ++turn;
  said.hidden = true;
  if (!input.files.length) return;
  tell("info", "正在自查身份信息……");
  try {
    read ??= pdfReader(box.dataset);
    const found = await namesIn([...input.files], given("blind-names"), read);
    // Other files may have been chosen meanwhile.
    if (mine !== turn) return;
    if (!found.length) tell("ok", "文字中没有发现本单位的名称、信用代码、法定代表人和登记人员的姓名。图片、标志和扫描件里的内容请自行检查。");
    else tell("bad", ...found.map(({ file, pages, problem }) => (problem ? `${file}：${problem}` : `${file}：第 ${pages.join("、")} 页出现身份信息，评标时将被遮盖，并可能被否决，请改好后重新选择`)));
  } catch (problem) {
    if (mine === turn) tell("warn", told(problem));
  }
});
