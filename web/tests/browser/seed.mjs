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

/** Says texts in the open chat, and waits until all are stored. */
export async function sayAll(person, texts, timeout = 600_000) {
  const id = person.page.url().split("/").at(-1);
  for (let at = 0; at < texts.length; at += 200) {
    await Promise.all(texts.slice(at, at + 200).map((text) => ask(person.page, "sendText", id, text)));
  }
  await person.until(async () => {
    const { outgoing } = await ask(person.page, "snapshot");
    assert.equal(outgoing.length, 0, `${outgoing.length} messages wait`);
  }, timeout);
}
