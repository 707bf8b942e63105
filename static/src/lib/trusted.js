// Trusted Types: the one policy there is. It lets our own released scripts run as workers, and makes nothing else of strings.

const here = new URL(self.location.href);

function released(text) {
  const url = new URL(text, here);
  if (url.origin !== here.origin || !/^\/static\/[\w./-]+\.js$/.test(url.pathname) || url.search) throw new TypeError("not one of our scripts");
  return url.href;
}

const policy = self.trustedTypes?.createPolicy("etp", { createScriptURL: released }) ?? { createScriptURL: released };

/** A worker that runs one of our own scripts. */
export const startWorker = (url, options) => new Worker(policy.createScriptURL(url), options);
