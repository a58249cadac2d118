// Numbers of a measurement, and what it was measured on.
import { cpus, loadavg, release, totalmem } from "node:os";

const round = (value) => Math.round(value * 10) / 10;

/** The value that this part of the samples does not exceed. */
export function percentile(samples, part) {
  const sorted = [...samples].sort((one, other) => one - other);
  return round(sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(part * sorted.length) - 1))]);
}

export const spread = (samples) => ({
  count: samples.length,
  p50: percentile(samples, 0.5),
  p95: percentile(samples, 0.95),
  max: percentile(samples, 1),
});

export function machine() {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cpus: cpus().length,
    kernel: release(),
    load: loadavg()
      .map((load) => load.toFixed(2))
      .join(" "),
    memory_mib: Math.round(totalmem() / 2 ** 20),
  };
}
