// A bidder looks for its own name in its blind files, here in the browser: nothing of them leaves it unsealed.
// The platform looks again, by the same words, before the committee reads.

/** Letters and digits alone, however wide or spaced they are written (platform/documents/anonymity.py). */
export const folded = (text) => text.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** [{file, pages}] of those that write one of the names; a file that is no readable PDF is {file, problem}. */
export async function namesIn(files, names, read) {
  const words = names.map(folded).filter(Boolean);
  const found = [];
  for (const file of files) {
    const pages = [];
    let pdf;
    try {
      pdf = await read({ data: new Uint8Array(await file.arrayBuffer()) });
    } catch {
      found.push({ file: file.name, problem: "不是 PDF，或已损坏、设有口令，不能按暗标评审" });
      continue;
    }
    for (let number = 1; number <= pdf.numPages; number++) {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      const text = folded(items.map(({ str = "" }) => str).join(""));
      if (words.some((word) => text.includes(word))) pages.push(number);
      page.cleanup();
    }
    await pdf.loadingTask.destroy();
    if (pages.length) found.push({ file: file.name, pages });
  }
  return found;
}
