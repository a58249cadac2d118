// Devices of one's own account that the person should look at: that came into the signed list, or signed in.
import type { Core } from "./core";
import { nameOf } from "./names";
import type { Shared } from "./shared";
import type { DeviceAlert } from "./told";

/** More than these are not kept: whoever signs in a hundred times does not fill the store. */
const MOST = 20;

/**
 * The caller holds the lock. A device that signed in and was linked later has one alert; that it is linked stays said,
 * whatever comes after. Its name is anybody's word.
 */
export function addAlert(core: Core, alert: DeviceAlert): void {
  const before = core.alerts.find(({ device_id }) => device_id === alert.device_id);
  const others = core.alerts.filter((other) => other !== before);
  const linked = alert.linked || before?.linked === true;
  core.setAlerts(bounded([...others, { device_id: alert.device_id, name: nameOf(alert.name) ?? "?", linked }]));
}

/** Devices that read messages are told before those that only signed in, and of each the newest. */
function bounded(alerts: DeviceAlert[]): DeviceAlert[] {
  const linked = alerts.filter((alert) => alert.linked).slice(-MOST);
  const room = MOST - linked.length;
  const others = room > 0 ? alerts.filter((alert) => !alert.linked).slice(-room) : [];
  const kept = new Set([...linked, ...others]);
  return alerts.filter((alert) => kept.has(alert));
}

export async function dismissAlert({ core }: Shared, deviceId: string): Promise<void> {
  await core.update(() => dismiss(core, deviceId));
}

function dismiss(core: Core, deviceId: string): void {
  const left = core.alerts.filter(({ device_id }) => device_id !== deviceId);
  if (left.length < core.alerts.length) core.setAlerts(left);
}

/** The person has just let this device in: it is no news. The caller holds the lock. */
export function noteLetIn(core: Core, deviceId: string): void {
  dismiss(core, deviceId);
  if (core.knownDevices) core.setKnownDevices([...new Set([...core.knownDevices, deviceId])]);
}

/**
 * Compares the signed list with the devices that were noticed before, whichever way the list came: a new one is told,
 * and alerts of those that are gone end.
 */
export async function noteOwnDevices(shared: Shared): Promise<void> {
  const { core } = shared;
  const all = await core.turn(() => core.engine.devicesOf(core.engine.userId).map(({ device_id }) => device_id));
  // What becomes of those that are being linked here says the end of the linking.
  const listed = all.filter((id) => !shared.beingLinked.has(id));
  if (listed.length === 0) return;
  const known = core.knownDevices;
  const added = known ? listed.filter((id) => !known.includes(id) && id !== core.engine.deviceId) : [];
  const gone = (known ?? []).filter((id) => !listed.includes(id));
  if (known && added.length + gone.length === 0) return;
  // The name is the server's word; that there is a device is signed.
  const named = added.length > 0 ? await shared.routes.listDevices().catch(() => undefined) : undefined;
  await core.update(() => {
    for (const device_id of added) {
      const name = named?.devices.find((device) => device.device_id === device_id)?.name ?? "?";
      addAlert(core, { device_id, name, linked: true });
    }
    const left = core.alerts.filter(({ device_id }) => !gone.includes(device_id));
    if (left.length < core.alerts.length) core.setAlerts(left);
    core.setKnownDevices(listed);
  });
}
