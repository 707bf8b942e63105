// Sealed files on the browser's own disk: what is there can be uploaded again, the same bytes, after any interruption.

const DAY = 24 * 3600 * 1000;
// Chromium never answers what was asked of a handle that is garbage collected before the answer: every handle is held.
const held = new Set();

function hold(handle) {
  held.add(handle);
  return handle;
}

const shelf = async () => hold(await navigator.storage.getDirectory());
const handleIn = async (folder, name, options) => hold(await folder.getFileHandle(name, options));
const fileAt = async (folder, name) => (await handleIn(folder, name)).getFile();

/** The file of a seal's ciphertext, open for writing; only a worker can have that. */
export async function opened(seal) {
  return (await handleIn(await shelf(), `${seal}.etp`, { create: true })).createSyncAccessHandle();
}

export const sealedFile = async (seal) => fileAt(await shelf(), `${seal}.etp`);

/** Note that a seal is complete; before that its file is rubbish. */
export async function note(record) {
  const handle = await handleIn(await shelf(), `${record.context.seal}.json`, { create: true });
  const writer = await handle.createWritable();
  await writer.write(JSON.stringify(record));
  await writer.close();
}

/** Complete seals of a lot that were not handed in yet, newest first: {context, envelope, set, sealed_at}. */
export async function keptSeals({ tender, lot, bidder, policy }) {
  const folder = await shelf();
  const found = [];
  for await (const name of folder.keys()) {
    if (!name.endsWith(".json")) continue;
    const record = JSON.parse(await (await fileAt(folder, name)).text());
    const about = record.context;
    if (about.tender === tender && about.lot === lot && about.bidder === bidder && about.policy === policy) found.push(record);
  }
  return found.sort((one, other) => other.sealed_at - one.sealed_at);
}

/** Bids of which every envelope is complete, newest first: the records of each bid in the order of its envelopes. */
export async function keptBids(about) {
  const seals = await keptSeals(about);
  const found = new Map(seals.map((record) => [record.context.seal, record]));
  const sets = seals.map(({ context, set = [context.seal] }) => (set[0] === context.seal ? set : []));
  return sets.filter((set) => set.length && set.every((seal) => found.has(seal))).map((set) => set.map((seal) => found.get(seal)));
}

/** Take a seal off the disk. */
export async function forget(seal) {
  const folder = await shelf();
  for (const name of [`${seal}.json`, `${seal}.etp`]) await folder.removeEntry(name).catch(() => {});
}

/** Take away what sealing left behind when it was interrupted, and what nobody came back for in a month. */
export async function tidy() {
  const folder = await shelf();
  const names = await Array.fromAsync(folder.keys());
  for (const name of names.filter((each) => each.endsWith(".etp"))) {
    const seal = name.slice(0, -4);
    const age = Date.now() - (await fileAt(folder, name)).lastModified;
    if (age > (names.includes(`${seal}.json`) ? 30 * DAY : DAY)) await forget(seal);
  }
}
