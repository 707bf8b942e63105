// The bidder's own index (响应索引): which page of which file answers each criterion. It is sealed with the bid.

const row = (name, ...children) => {
  const made = document.createElement(name);
  made.append(...children);
  return made;
};

/**
 * Lay out a line for each criterion of `asked()` ([{key, part, title}]) in `box`, with the files chosen in `inputs()` to choose from,
 * which are those of one envelope, in the order in which it takes them. `index()` answers the rows as the form takes them; errors say in
 * Chinese what is missing.
 */
export function answerIndex(box, asked, inputs) {
  const lines = box.querySelector("[data-lines]");
  let shown = [];

  function layOut() {
    shown = asked().map(({ key, part, title }) => {
      const file = document.createElement("select");
      const page = document.createElement("input");
      file.className = "form-select form-select-sm";
      page.className = "form-control form-control-sm num";
      page.inputMode = "numeric";
      page.autocomplete = "off";
      file.ariaLabel = `${title}所在文件`;
      page.ariaLabel = `${title}页码`;
      const small = row("span", part);
      small.className = "small dim";
      const line = row("div", row("span", title, " ", small), file, row("label", "第", page, "页"));
      line.className = "answer";
      return { key, title, file, page, line };
    });
    lines.replaceChildren(...shown.map(({ line }) => line));
    box.hidden = !shown.length;
    fillFiles();
  }

  const files = () => inputs().flatMap((input) => [...input.files]);

  function fillFiles() {
    for (const { file } of shown) {
      const name = file.selectedOptions[0]?.textContent;
      const options = files().map((each, place) => new Option(each.name, String(place), false, each.name === name));
      file.replaceChildren(new Option("不填", ""), ...options);
    }
  }

  box.closest("form").addEventListener("change", ({ target }) => target.type === "file" && fillFiles());
  layOut();
  return {
    layOut,
    index() {
      const given = shown.filter(({ file, page }) => file.value || page.value.trim());
      return given.map(({ key, title, file, page }) => {
        const number = Number(page.value);
        if (!file.value || !Number.isInteger(number) || number < 1 || number > 100_000) throw new Error(`响应索引的“${title}”须同时选择文件和填写页码。`);
        return { criterion: key, path: `f/${String(Number(file.value) + 1).padStart(4, "0")}`, page: number };
      });
    },
  };
}

/** The files that answer the criteria: with two envelopes those of the first, since the second is opened when all is judged. */
export const answering = ({ technical, commercial }, { envelopes }) => (envelopes.includes("technical") ? [technical] : [technical, commercial]);

/**
 * The form with its index: version 3, with whatever version 2 would say. Without an index the form stays as it was, unless the
 * technical files are marked blind (`blind`): then it must say which they are, and they must be PDFs.
 */
export function indexed(further, index, technical, blind) {
  const strange = blind && technical.find(({ name }) => !name.toLowerCase().endsWith(".pdf"));
  if (strange) throw new Error(`技术文件为暗标，须为 PDF：${strange.name}`);
  if (!index.length && !blind) return further;
  return { price_table: null, team: [], qualifications: [], records: [], ...further, v: 3, index, technical_files: technical.length };
}
