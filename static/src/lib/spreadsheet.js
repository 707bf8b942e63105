// Reading the first sheet of an .xlsx file: unzipped by fflate, its XML read by saxen. No DOM, so nothing for Trusted Types to stop.
import { unzipSync } from "fflate";
import { Parser } from "saxen";

// What a sheet may unpack to: a small file must not fill the memory.
const LARGEST = 60 * 1024 * 1024;
const WANTED = /^xl\/(workbook\.xml|_rels\/workbook\.xml\.rels|sharedStrings\.xml|worksheets\/[^/]+\.xml)$/;
const unreadable = () => new Error("这个文件不是可以读取的 .xlsx 电子表格，请下载报价表，在里面填写后再选择。");

/** A computed number is taken to six places, as the platform takes it. */
export const numberText = (number) => Number(number).toFixed(6).replace(/\.?0+$/, "");

/** Call open(name, attributes), text(words) and close(name) for an XML text; prefixes of names are left out. */
function read(xml, { open, text, close }) {
  const parser = new Parser();
  const plain = (name) => name.replace(/^.*:/, "");
  parser.on("openTag", (name, attributes, decode) => {
    const raw = attributes();
    open?.(plain(name), Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, decode(value)])));
  });
  if (text) {
    parser.on("text", (words, decode) => text(decode(words)));
    parser.on("cdata", (words) => text(words));
  }
  parser.on("closeTag", (name) => close?.(plain(name)));
  parser.on("error", () => {
    throw unreadable();
  });
  parser.parse(xml);
}

function sharedStrings(xml) {
  const found = [];
  let inside = false, phonetic = 0;
  read(xml, {
    open: (name) => {
      if (name === "si") found.push("");
      if (name === "rPh") phonetic++;
      inside = name === "t" && !phonetic;
    },
    text: (words) => inside && (found[found.length - 1] += words),
    close: (name) => {
      if (name === "rPh") phonetic--;
      if (name === "t") inside = false;
    },
  });
  return found;
}

function firstSheet(files) {
  let id = null;
  const targets = {};
  read(files["xl/workbook.xml"] ?? "", { open: (name, given) => name === "sheet" && (id ??= given["r:id"] ?? given.id) });
  read(files["xl/_rels/workbook.xml.rels"] ?? "", { open: (name, given) => name === "Relationship" && (targets[given.Id] = given.Target) });
  const target = targets[id] ?? "worksheets/sheet1.xml";
  return files[target.startsWith("/") ? target.slice(1) : `xl/${target}`];
}

/** {cell: text} of the first sheet of a file's bytes, such as {"A1": "编码"}. */
export function cellsOf(bytes) {
  let unpacked = 0;
  let entries;
  try {
    entries = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!WANTED.test(name)) return false;
        unpacked += originalSize;
        if (unpacked > LARGEST) throw unreadable();
        return true;
      },
    });
  } catch {
    throw unreadable();
  }
  const decoder = new TextDecoder();
  const files = Object.fromEntries(Object.entries(entries).map(([name, content]) => [name, decoder.decode(content)]));
  const sheet = firstSheet(files);
  if (!sheet) throw unreadable();
  const shared = files["xl/sharedStrings.xml"] ? sharedStrings(files["xl/sharedStrings.xml"]) : [];
  const cells = {};
  let cell = null, kind = "", words = "", inside = false;
  read(sheet, {
    open: (name, given) => {
      if (name === "c") [cell, kind, words] = [given.r, given.t ?? "n", ""];
      inside = name === "v" || name === "t";
    },
    text: (part) => cell && inside && (words += part),
    close: (name) => {
      if (name === "v" || name === "t") inside = false;
      if (name !== "c" || !cell) return;
      const text = kind === "s" ? shared[Number(words)] ?? "" : kind === "n" && words !== "" ? numberText(words) : words;
      if (text.trim()) cells[cell] = text.trim();
      cell = null;
    },
  });
  return cells;
}
