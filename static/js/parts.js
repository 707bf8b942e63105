// Parts of a page that follow its form: what is typed is saved, what is asked for is found, without leaving the page.
(function () {
  "use strict";

  // The answer is parsed by the request itself: no string of HTML ever becomes part of a page (Trusted Types).
  function ask(method, url, body, done) {
    var request = new XMLHttpRequest();
    request.open(method, url);
    request.responseType = "document";
    request.setRequestHeader("ETP-Part", "1");
    request.onload = function () {
      var elsewhere = request.getResponseHeader("ETP-Redirect");
      if (elsewhere) location.href = elsewhere;
      else if (request.status === 200 && request.response) done(request.response);
    };
    request.send(body);
    return request;
  }

  /** Each part of the answer takes the place of the one with its name. */
  function show(answer) {
    Array.prototype.slice.call(answer.body.children).forEach(function (part) {
      var old = part.id && document.getElementById(part.id);
      // What somebody is using stays under their hands.
      if (old && !old.contains(document.activeElement)) old.replaceWith(part);
    });
  }

  function typed(form) {
    return new URLSearchParams(new FormData(form));
  }

  document.querySelectorAll("form[data-saves]").forEach(function (form) {
    var waiting, running;
    function save() {
      if (running) running.abort();
      running = ask("POST", form.dataset.saves, typed(form), show);
    }
    [["input", 1000], ["change", 400]].forEach(function (row) {
      form.addEventListener(row[0], function () {
        clearTimeout(waiting);
        waiting = setTimeout(save, row[1]);
      });
    });
    form.addEventListener("submit", function () { clearTimeout(waiting); });
  });

  // What others do with the same thing: asked for again and again, while the page is looked at.
  var polled = document.querySelector("[data-polls]");
  if (polled) {
    var address = polled.dataset.polls;
    var poll = function () { if (!document.hidden) ask("GET", address, null, show); };
    poll();
    setInterval(poll, 15000);
  }

  // A fact's name goes where the cursor stands in the text.
  document.querySelectorAll(".fact-adder").forEach(function (adder) {
    var pick = adder.querySelector("input"), button = adder.querySelector("button");
    var text = document.getElementById(button.dataset.insert);
    adder.hidden = false;
    button.addEventListener("click", function () {
      if (!pick.value) return pick.focus();
      text.setRangeText("{" + pick.value + "}", text.selectionStart, text.selectionEnd, "end");
      pick.value = "";
      text.focus();
      text.dispatchEvent(new Event("input", { bubbles: true }));
    });
    // Enter in this field means the button beside it, not the whole form.
    pick.addEventListener("keydown", function (event) {
      if (event.key === "Enter") { event.preventDefault(); button.click(); }
    });
  });

  document.querySelectorAll("form[data-finds]").forEach(function (form) {
    var running;
    function find(event) {
      event.preventDefault();
      var url = form.dataset.finds + "?" + typed(form);
      if (running) running.abort();
      running = ask("GET", url, null, function (answer) {
        show(answer);
        history.pushState({ found: true }, "", url);
      });
    }
    form.addEventListener("change", find);
    form.addEventListener("submit", find);
    window.addEventListener("popstate", function () { location.reload(); });
  });
})();
