// Waiting without holding up what else happens.

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Whether it became true in time. */
export async function until(condition, ms) {
  const deadline = Date.now() + ms;
  while (!condition() && Date.now() < deadline) await wait(20);
  return condition();
}
