// Comfort for pages that work without it: reading aids, countdowns on the server's clock, drafts, dialogs, errors.
(function () {
  "use strict";
  var root = document.documentElement;

  function remember(name, value) {
    document.cookie = name + "=" + value + ";path=/;max-age=31536000;samesite=lax";
  }
  function show(name, value) {
    if (value) root.setAttribute("data-" + name, value);
    else root.removeAttribute("data-" + name);
    document.querySelectorAll("button[data-" + name + "]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-" + name) === value));
    });
  }
  ["size", "contrast"].forEach(function (name) { show(name, root.getAttribute("data-" + name) || ""); });

  document.addEventListener("click", function (event) {
    var target = event.target.closest("button[data-size],button[data-contrast],[data-copy],[data-dialog],[data-close],[data-print]");
    if (!target) return;
    ["size", "contrast"].forEach(function (name) {
      if (!target.hasAttribute("data-" + name)) return;
      var value = target.getAttribute("data-" + name);
      value = root.getAttribute("data-" + name) === value ? "" : value;
      show(name, value);
      remember(name, value);
    });
    if (target.hasAttribute("data-copy") && navigator.clipboard) {
      navigator.clipboard.writeText(target.getAttribute("data-copy")).then(function () { target.textContent = "已复制"; });
    }
    if (target.hasAttribute("data-dialog")) {
      var dialog = document.getElementById(target.getAttribute("data-dialog"));
      if (dialog) dialog.showModal();
    }
    if (target.hasAttribute("data-close")) target.closest("dialog").close();
    if (target.hasAttribute("data-print")) window.print();
  });

  // The page's own clock is not trusted: everything counts from the moment the server rendered the page.
  var rendered = root.getAttribute("data-now");
  var offset = rendered ? Date.parse(rendered) - Date.now() : 0;
  function now() { return Date.now() + offset; }
  function two(n) { return (n < 10 ? "0" : "") + n; }
  function tick() {
    document.querySelectorAll("[data-deadline]").forEach(function (element) {
      var left = Math.max(0, Math.round((Date.parse(element.dataset.deadline) - now()) / 1000));
      var days = Math.floor(left / 86400), hours = Math.floor((left % 86400) / 3600), minutes = Math.floor((left % 3600) / 60);
      element.textContent = (days ? days + " 天 " : "") + two(hours) + ":" + two(minutes) + ":" + two(left % 60);
      if (!left && element.dataset.reload && !element.dataset.reloaded) {
        element.dataset.reloaded = "1";
        setTimeout(function () { location.reload(); }, Number(element.dataset.reload) * 1000);
      }
    });
    document.querySelectorAll("[data-clock]").forEach(function (element) {
      var shown = new Date(now() + 8 * 3600 * 1000).toISOString();
      element.textContent = shown.slice(0, 10) + " " + shown.slice(11, 19);
    });
  }
  tick();
  setInterval(tick, 1000);

  // Drafts: what was typed comes back after a sign-in or a lost connection, and goes when it was handed in.
  document.querySelectorAll("form[data-draft]").forEach(function (form) {
    var key = "draft:" + form.dataset.draft;
    if (form.dataset.draftDone) { localStorage.removeItem(key); return; }
    var kept = null;
    try { kept = JSON.parse(localStorage.getItem(key)); } catch (problem) { kept = null; }
    if (kept && !form.querySelector("[aria-invalid=true]")) {
      Object.keys(kept).forEach(function (name) {
        var field = form.elements[name];
        if (field && "value" in field && !field.value && field.type !== "file") field.value = kept[name];
      });
    }
    form.addEventListener("input", function () {
      var values = {};
      Array.prototype.forEach.call(form.elements, function (field) {
        if (field.name && field.name !== "csrfmiddlewaretoken" && !/^(file|password|hidden|checkbox|radio|submit)$/.test(field.type)) values[field.name] = field.value;
      });
      localStorage.setItem(key, JSON.stringify(values));
    });
    form.addEventListener("submit", function () { sessionStorage.setItem("draft-sent", key); });
  });
  var sent = sessionStorage.getItem("draft-sent");
  if (sent && !document.querySelector(".errsum") && !document.querySelector("form[data-draft='" + sent.slice(6) + "']")) {
    localStorage.removeItem(sent);
    sessionStorage.removeItem("draft-sent");
  }

  var summary = document.querySelector(".errsum");
  if (summary) { summary.tabIndex = -1; summary.focus(); }
  if (window.matchMedia("(max-width:991px)").matches) {
    document.querySelectorAll(".side details").forEach(function (details) { details.open = false; });
  }
  document.addEventListener("submit", function (event) {
    var button = event.submitter;
    if (button && button.dataset.busy && !event.target.dataset.sent) {
      event.target.dataset.sent = "1";
      button.textContent = button.dataset.busy;
    }
  });
})();
