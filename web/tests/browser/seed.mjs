// Many messages at once, said by a person's own worker: the calls that the page makes, without its keyboard.
import assert from "node:assert/strict";

/** Asks the worker of the page for something, as the page does. */
export function ask(page, method, ...args) {
  return page.evaluate(
    async ([method, args]) => {
      globalThis.sotto ??= (async () => {
        const script = await (await fetch(document.querySelector("script[type=module]").src)).text();
        const [name] = script.match(/worker-[\w-]+\.js/);
        const { port } = new SharedWorker(`/assets/${name}`, { type: "module", name: "sotto" });
        port.start();
        return port;
      })();
      const port = await globalThis.sotto;
      const id = crypto.randomUUID();
      return new Promise((done, fail) => {
        const hear = ({ data }) => {
          if (data.id !== id) return;
          port.removeEventListener("message", hear);
          if ("error" in data) fail(new Error(data.error.code));
          else done(data.value);
        };
        port.addEventListener("message", hear);
        port.postMessage({ id, method, args });
      });
    },
    [method, args],
  );
}

/** Says texts in a chat, and waits until all are stored. */
export async function sayAll(person, id, texts, timeout = 900_000) {
  await ask(person.page, "snapshot");
  for (let at = 0; at < texts.length; at += 100) await sayMany(person.page, id, texts.slice(at, at + 100));
  await person.until(async () => {
    const { outgoing } = await ask(person.page, "snapshot");
    assert.equal(outgoing.length, 0, `${outgoing.length} messages wait`);
  }, timeout);
}

/** One round trip for many calls: they wait for each other in the worker anyway. */
function sayMany(page, id, texts) {
  return page.evaluate(
    async ([conversation, texts]) => {
      const port = await globalThis.sotto;
      const open = new Set(texts.map(() => crypto.randomUUID()));
      const ids = [...open];
      await new Promise((done) => {
        const hear = ({ data }) => {
          if (!open.delete(data.id) || open.size > 0) return;
          port.removeEventListener("message", hear);
          done();
        };
        port.addEventListener("message", hear);
        for (const [at, text] of texts.entries()) {
          port.postMessage({ id: ids[at], method: "sendText", args: [conversation, text] });
        }
      });
    },
    [id, texts],
  );
}

export const chatOf = (person) => person.page.url().split("/").at(-1);

/** The same person on a device more: signs in, and enters with the recovery key. */
export async function secondDevice(person, arrive, password) {
  const device = await arrive();
  await ask(device.page, "signIn", person.name, password, "Second");
  await ask(device.page, "recover", person.words.join(" "), password);
  await device.page.getByRole("heading", { name: "Chats" }).waitFor();
  return device;
}
