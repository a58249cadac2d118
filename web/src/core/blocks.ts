// Whom this account blocked: the server's list, kept to be shown without it.
import type { Core } from "./core";
import type { Shared } from "./shared";

/** The list may have changed on another device. */
export async function readBlocks({ core, routes }: Shared): Promise<void> {
  const { user_ids } = await routes.listBlocks();
  await core.update(() => keep(core, user_ids));
}

export async function block(shared: Shared, userId: string): Promise<void> {
  await shared.routes.blockUser(userId);
  await change(shared, (blocks) => blocks.add(userId));
}

export async function unblock(shared: Shared, userId: string): Promise<void> {
  await shared.routes.unblockUser(userId);
  await change(shared, (blocks) => blocks.delete(userId));
}

async function change({ core }: Shared, work: (blocks: Set<string>) => void): Promise<void> {
  await core.update(() => {
    const blocks = new Set(core.blocks);
    work(blocks);
    keep(core, [...blocks]);
  });
}

function keep(core: Core, userIds: string[]): void {
  const sorted = [...userIds].sort();
  if (JSON.stringify(sorted) === JSON.stringify(core.blocks)) return;
  core.blocks = sorted;
  core.saveMeta("blocks", sorted);
  core.stage({ type: "blocks", user_ids: sorted });
}
