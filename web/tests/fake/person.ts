// A person with a client of their own, whose database is theirs alone.
import { IDBFactory } from "fake-indexeddb";
import { vi } from "vitest";
import { Client } from "../../src/core/client";
import { engines } from "../../src/core/crypto";
import { browser } from "../../src/core/environment";
import type { ConversationView, Told } from "../../src/core/told";
import type { FakeServer } from "./server";

const ORIGIN = "http://sotto.test";

export class Person {
  readonly told: Told[] = [];
  readonly crashes: string[] = [];
  client!: Client;

  private constructor(
    private readonly server: FakeServer,
    readonly database: IDBFactory,
  ) {}

  static async open(server: FakeServer, database = new IDBFactory()): Promise<Person> {
    const person = new Person(server, database);
    // The store opens whatever database is the global one at that moment.
    globalThis.indexedDB = database;
    person.client = await Client.open({
      origin: ORIGIN,
      environment: browser,
      sockets: server.open,
      engines: engines(browser.now, () => person.crashes.push("crash")),
      loadCrypto: async () => {},
      tell: (told) => person.told.push(told),
      fetcher: server.fetch,
    });
    return person;
  }

  static async registered(server: FakeServer, username: string): Promise<Person> {
    const person = await Person.open(server);
    await person.client.register(username, "correct horse", "Test");
    return person;
  }

  /** The browser is closed and opened again. */
  async reopened(): Promise<Person> {
    this.client.close();
    return Person.open(this.server, this.database);
  }

  texts(): string[] {
    return this.told.flatMap((told) =>
      told.type === "shown" ? [(JSON.parse(told.message.body_json) as { text: string }).text] : [],
    );
  }

  async online(): Promise<void> {
    const connection = () => this.told.findLast((told) => told.type === "connection");
    await vi.waitFor(() => {
      const last = connection();
      if (last?.type !== "connection" || last.connection !== "online") throw new Error("not online");
    }, 5_000);
  }

  async shows(texts: string[]): Promise<void> {
    await vi.waitFor(() => {
      const seen = this.texts();
      if (JSON.stringify(seen) !== JSON.stringify(texts)) throw new Error(`shows ${JSON.stringify(seen)}`);
    }, 8_000);
  }

  async view(id: string): Promise<ConversationView | undefined> {
    const { conversations } = await this.client.snapshot();
    return conversations.find((view) => view.conversation_id === id);
  }
}
