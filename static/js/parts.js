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
