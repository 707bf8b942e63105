// A page of ours as a document, parsed by the request itself: no string of HTML passes through a script.

/** {status, tag, page} of an address; `tag` is its ETag, `page` a Document, or null when nothing changed since `known`. */
export function pageAt(url, known) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    request.responseType = "document";
    // "Nothing changed" comes without a type, and would be parsed as plain text, which Chromium dresses with a style of its own.
    request.overrideMimeType("text/html; charset=utf-8");
    if (known) request.setRequestHeader("If-None-Match", known);
    request.setRequestHeader("Cache-Control", "no-cache");
    request.onload = () => resolve({ status: request.status, tag: request.getResponseHeader("ETag"), page: request.response });
    request.onerror = () => reject(new Error("no answer"));
    request.send();
  });
}
