// Frames while a list scrolls, as Chromium's own compositor counts them in a trace: not by timers of the page, which see
// nothing of what the compositor does without it.
const CATEGORIES = ["benchmark", "cc", "toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"];

/**
 * Scrolls up by the wheel, as the browser does without the page, and gives what became of every frame that was due. `dropped` counts those
 * that a person could have seen (`affects_smoothness`): at their time nothing new was shown.
 */
export async function traced(page, pixels, speed, more = []) {
  const cdp = await page.context().newCDPSession(page);
  const { x, y, width, height } = await page.locator(".messages").boundingBox();
  const traceConfig = { includedCategories: [...CATEGORIES, ...more] };
  await cdp.send("Tracing.start", { transferMode: "ReturnAsStream", traceConfig });
  await cdp.send("Input.synthesizeScrollGesture", {
    x: x + width / 2,
    y: y + height / 2,
    yDistance: pixels,
    speed,
    preventFling: true,
    gestureSourceType: "mouse",
  });
  const events = await traceOf(cdp);
  await cdp.detach();
  return read(events);
}

async function traceOf(cdp) {
  const complete = new Promise((done) => cdp.once("Tracing.tracingComplete", done));
  await cdp.send("Tracing.end");
  const { stream: handle } = await complete;
  const parts = [];
  for (let eof = false; !eof; ) {
    const part = await cdp.send("IO.read", { handle, size: 1 << 24 });
    parts.push(part.base64Encoded ? Buffer.from(part.data, "base64") : Buffer.from(part.data));
    eof = part.eof;
  }
  return JSON.parse(Buffer.concat(parts)).traceEvents;
}

function read(events) {
  const started = events.find(({ name }) => name === "TracingStartedInBrowser");
  const pid = started.args.data.frames.find(({ parent }) => parent === undefined).processId;
  const own = events.filter((event) => event.pid === pid);
  const thread = own.find(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").tid;
  const frames = own.flatMap(({ name, ph, args }) =>
    name === "PipelineReporter" && args?.frame_reporter ? [{ ph, ...args.frame_reporter }] : [],
  );
  const count = (state) => frames.filter((frame) => frame.state === state).length;
  const tasks = own
    .filter(({ name, tid, dur }) => name === "RunTask" && tid === thread && dur > 0)
    // What the thread itself worked: other programs of a busy machine do not count.
    .map(({ dur, tdur }) => (tdur ?? dur) / 1_000);
  const over = (ms) => tasks.filter((task) => task > ms).length;
  return {
    frames: frames.length,
    presented: count("STATE_PRESENTED_ALL"),
    partly: count("STATE_PRESENTED_PARTIAL"),
    unneeded: count("STATE_NO_UPDATE_DESIRED"),
    dropped: frames.filter(({ state, affects_smoothness }) => state === "STATE_DROPPED" && affects_smoothness).length,
    dropped_unseen: frames.filter((f) => f.state === "STATE_DROPPED" && !f.affects_smoothness).length,
    busy_ms: Math.round(tasks.reduce((sum, task) => sum + task, 0)),
    tasks_over_8_ms: over(8),
    tasks_over_16_ms: over(16.7),
    longest_task_ms: Math.round(Math.max(0, ...tasks) * 10) / 10,
  };
}
