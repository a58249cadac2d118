// A page whose worker is a double: it knows as many chats as it is told to, and answers what it is told to.

/** `answers` and `tells` by the name of a call: what it gives, and what every page hears because of it. */
export async function withDouble(browser, url, { chats, snapshot = {}, answers = {}, tells = {}, ...options }) {
  const context = await browser.newContext({ locale: "en-GB", serviceWorkers: "block", ...options });
  await context.addInitScript(stand, { chats, snapshot, answers, tells });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(url);
  return page;
}

function stand({ chats, snapshot, answers, tells }) {
  const me = { user_id: "me", device_id: "d", username: "me", linked: true, signed_out: false };
  const person = (user_id, username) => ({ user_id, username, role: "member" });
  const conversations = Array.from({ length: chats }, (_, at) => ({
    conversation_id: `c${at}`,
    kind: "direct",
    state: "joined",
    members: [person("me", "me"), person(`u${at}`, `person-${at}`)],
    marks: {},
    read_seq: 0,
    unread: at % 3,
    last: { seq: 1, body_json: '{"type":"text","text":"hi"}', sender_user_id: `u${at}`, at_ms: 1e12 - at * 1e6 },
  }));
  const nothing = {
    outgoing: [],
    removals: [],
    alerts: [],
    storing: true,
    skewMs: 0,
    people: [],
    lines: [],
    blocks: [],
  };
  const all = { snapshot: { me, connection: "online", conversations, ...nothing, ...snapshot }, ...answers };
  const messages = { messages: [], context: [], older: false, newer: false };
  globalThis.SharedWorker = class {
    constructor() {
      const { port1, port2 } = new MessageChannel();
      this.port = port1;
      port2.onmessage = ({ data: { id, method } }) => {
        port2.postMessage({ id, value: all[method] ?? messages });
        if (tells[method]) port2.postMessage({ told: tells[method] });
      };
    }
  };
}
