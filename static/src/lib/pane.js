// One reader on the page: a file's pages with their toolbar, the criteria that its bidder answers in it, search, and the watermark.
import { AnnotationMode } from "pdfjs-dist/legacy/build/pdf.mjs";
import { EventBus, FindState, PDFFindController, PDFLinkService, PDFViewer } from "pdfjs-dist/legacy/web/pdf_viewer.mjs";

// The reader's own words are in the template; pdf.js names nothing.
const silent = {
  getLanguage: () => "zh-cn", getDirection: () => "ltr", get: async () => "", translate: async () => {}, translateOnce: async () => {},
  pause() {}, resume() {}, destroy: async () => {},
};
const MARKS = 18;

export class Pane {
  /** `library` is what can be opened, `read` opens it, `mark()` says who reads; `told(pane, what)` hears of "answer", "compare" and "close". */
  constructor(template, { library, criteria, read, mark, told }) {
    this.root = template.content.firstElementChild.cloneNode(true);
    Object.assign(this, { library, criteria, read, mark, told, file: null, bid: null, opening: 0 });
    this.part = (name) => this.root.querySelector(`[data-part=${name}]`);
    this.files = new Map();
    this.fill();
    this.listen();
  }

  /** Put on the page, where pdf.js can measure. */
  start() {
    const bus = (this.bus = new EventBus());
    const linkService = new PDFLinkService({ eventBus: bus });
    this.finder = new PDFFindController({ eventBus: bus, linkService });
    this.viewer = new PDFViewer({
      container: this.part("sheets"), eventBus: bus, linkService, findController: this.finder, l10n: silent, removePageBorders: true,
      annotationMode: AnnotationMode.ENABLE, enableAutoLinking: false, enableSelectionRendering: false,
    });
    linkService.setViewer(this.viewer);
    this.links = linkService;
    bus.on("pagesinit", () => this.arrive());
    bus.on("pagechanging", () => this.showPlace());
    bus.on("scalechanging", ({ scale }) => (this.part("zoom").textContent = `${Math.round(scale * 100)}%`));
    bus.on("pagerendered", ({ source, pageNumber }) => this.dress(source.div, pageNumber));
    bus.on("updatefindcontrolstate", ({ state, matchesCount }) => this.showHits(state, matchesCount));
    bus.on("updatefindmatchescount", ({ matchesCount }) => this.showHits(null, matchesCount));
    // A page that fits the width goes on fitting it: beside another reader, and when the window is turned.
    new ResizeObserver(() => this.viewer.currentScaleValue === "page-width" && this.fit()).observe(this.root);
    setInterval(() => this.root.querySelectorAll(".wm span").forEach((each) => (each.textContent = this.mark())), 20_000);
  }

  fill() {
    const groups = [{ name: "招标文件", files: this.library.papers }, ...this.library.bids];
    for (const { name, files, key = null } of groups.filter(({ files }) => files.length)) {
      const group = document.createElement("optgroup");
      group.label = name;
      for (const file of files) {
        this.files.set(file.key, { ...file, bid: key });
        const option = new Option(file.pdf ? file.name : `${file.name}（下载）`, file.key);
        group.append(option);
      }
      this.part("file").append(group);
    }
  }

  listen() {
    const steps = {
      back: () => this.go(this.viewer.currentPageNumber - 1), on: () => this.go(this.viewer.currentPageNumber + 1),
      larger: () => this.viewer.increaseScale(), smaller: () => this.viewer.decreaseScale(), fit: () => this.fit(),
      search: () => this.search(), next: () => this.find(true, false), previous: () => this.find(true, true),
      compare: () => this.told(this, "compare"), close: () => this.told(this, "close"),
    };
    this.root.addEventListener("click", (event) => steps[event.target.closest("[data-do]")?.dataset.do]?.());
    this.part("file").addEventListener("change", () => this.choose(this.part("file").value));
    this.part("page").addEventListener("change", () => this.go(Number(this.part("page").value)));
    this.part("words").addEventListener("input", () => this.find(false, false));
    this.part("words").addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        // It lies within no form of its own.
        event.preventDefault();
        this.find(true, event.shiftKey);
      }
      if (event.key === "Escape") this.search();
    });
    this.part("page").addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.go(Number(this.part("page").value));
    });
    const keys = {
      ArrowLeft: steps.back, ArrowRight: steps.on, "+": steps.larger, "=": steps.larger, "-": steps.smaller, 0: steps.fit,
      Home: () => this.go(1), End: () => this.go(this.viewer.pagesCount),
    };
    this.part("sheets").addEventListener("keydown", (event) => {
      const search = (event.ctrlKey || event.metaKey) && event.key === "f";
      if (!search && (event.ctrlKey || event.metaKey || event.altKey)) return;
      const act = search || event.key === "/" ? () => this.search(true) : keys[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
  }

  /** A file by hand: where its bidder answers the criterion that is being judged, else from its first page. */
  choose(key) {
    const answer = this.answer(this.files.get(key).bid, this.criterion);
    this.open(key, answer?.file === key ? answer.page : 1);
  }

  answer(bid, criterion) {
    return this.library.bids.find(({ key }) => key === bid)?.answers[criterion];
  }

  /** Where a bid answers a criterion; its first file where it names no page. */
  answerOf(bid, criterion) {
    this.criterion = criterion;
    const answer = this.answer(bid, criterion);
    const first = this.library.bids.find(({ key }) => key === bid)?.files.find(({ pdf }) => pdf);
    if (answer) return this.open(answer.file, answer.page);
    if (this.bid !== bid && first) return this.open(first.key, 1);
    return this.showAnswers();
  }

  async open(key, page = 1) {
    const file = this.files.get(key);
    this.part("file").value = key;
    this.bid = file.bid;
    this.showAnswers();
    if (!file.pdf) return this.offer(file);
    if (this.file === key && this.viewer.pdfDocument) return this.go(page);
    this.file = key;
    this.wanted = page;
    const turn = ++this.opening;
    this.say("正在打开……");
    this.set(null);
    try {
      const found = await this.read({ url: file.url });
      // Meanwhile another one may have been asked for.
      if (turn !== this.opening) return found.loadingTask.destroy();
      this.set(found);
    } catch (problem) {
      if (turn !== this.opening) return null;
      console.error(problem);
      this.say(problem.name === "PasswordException" ? "这份文件设有打开口令，无法阅读。" : "这份文件打不开，可能已损坏，或网络已断开。请稍后再选一次。");
      this.file = null;
    }
    return null;
  }

  set(found) {
    const before = this.viewer.pdfDocument;
    this.viewer.setDocument(found);
    this.links.setDocument(found, null);
    before?.loadingTask.destroy();
    this.root.dataset.open = "";
    this.part("pages").textContent = found?.numPages ?? "—";
  }

  arrive() {
    this.say("");
    this.fit();
    this.go(this.wanted);
    this.root.dataset.open = this.file;
    if (this.part("words").value) this.find(false, false);
  }

  fit() {
    this.viewer.currentScaleValue = "page-width";
  }

  go(page) {
    if (!this.viewer.pagesCount) return;
    this.viewer.currentPageNumber = Math.min(Math.max(Math.trunc(page) || this.viewer.currentPageNumber, 1), this.viewer.pagesCount);
    this.showPlace();
  }

  offer({ name, url }) {
    this.opening++;
    this.file = null;
    this.set(null);
    const link = document.createElement("a");
    link.href = url;
    link.textContent = `下载 ${name}`;
    this.say("这份文件不是 PDF，不能在页面上阅读。");
    this.part("said").append(link);
  }

  say(words) {
    this.part("said").hidden = !words;
    this.part("said").textContent = words;
  }

  showPlace() {
    this.part("page").value = this.viewer.currentPageNumber;
    this.part("sheets").setAttribute("aria-label", `第 ${this.viewer.currentPageNumber} 页`);
    this.showAnswers();
  }

  /** The criteria that the bidder answers, with their pages: a table of contents. */
  showAnswers() {
    const bid = this.library.bids.find(({ key }) => key === this.bid);
    this.part("whose").textContent = bid?.name ?? "招标文件";
    const rows = this.criteria.filter(({ key }) => bid?.answers[key]);
    const links = rows.map(({ key, title }) => {
      const { file, page } = bid.answers[key];
      const link = document.createElement("a");
      const number = document.createElement("span");
      link.href = `#bid-${bid.key}`;
      link.textContent = `${title} `;
      number.textContent = page;
      number.className = "dim2 xs";
      link.append(number);
      if (file === this.file && page === this.viewer?.currentPageNumber) link.setAttribute("aria-current", "true");
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.criterion = key;
        this.open(file, page);
        this.told(this, "answer");
      });
      return link;
    });
    const head = document.createElement("div");
    head.className = "px-3 pb-1 xs dim";
    head.textContent = "与评审项对应";
    this.part("answers").hidden = !links.length;
    this.root.querySelector(".body").classList.toggle("alone", !links.length);
    this.part("answers").replaceChildren(head, ...links);
  }

  dress(page, number) {
    page.setAttribute("aria-label", `第 ${number} 页`);
    page.querySelector(".wm")?.remove();
    const veil = document.createElement("div");
    veil.className = "wm";
    veil.setAttribute("aria-hidden", "true");
    for (let each = 0; each < MARKS; each++) {
      const words = document.createElement("span");
      words.textContent = this.mark();
      veil.append(words);
    }
    page.append(veil);
  }

  search(open = this.part("finder").hidden) {
    this.part("finder").hidden = !open;
    this.root.querySelector("[data-do=search]").setAttribute("aria-expanded", String(open));
    if (open) {
      this.part("words").focus();
      this.part("words").select();
    } else {
      this.bus.dispatch("findbarclose", { source: this });
      this.part("sheets").focus();
    }
  }

  find(again, backwards) {
    const query = this.part("words").value;
    this.bus.dispatch("find", {
      source: this, type: again ? "again" : "", query, phraseSearch: true, caseSensitive: false, entireWord: false, highlightAll: true,
      findPrevious: backwards, matchDiacritics: false,
    });
    if (!query) this.part("hits").textContent = "";
  }

  showHits(state, { current = 0, total = 0 } = {}) {
    if (!this.part("words").value) return;
    const none = state === FindState.NOT_FOUND || (state === FindState.FOUND && !total);
    this.part("hits").textContent = total ? `第 ${current} / ${total} 处` : none ? "没有找到" : "正在查找……";
  }
}
