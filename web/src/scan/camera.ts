// A camera, and why there is none.

/** `denied`: the person or the system does not allow it. `busy`: another program has it. */
export type CameraProblem = "denied" | "missing" | "busy";

export interface Camera {
  stream: MediaStream;
  /** All that can be chosen from. */
  all: MediaDeviceInfo[];
  id: string | undefined;
}

/** Opens this camera, or the one that looks away from the person. Throws a [`CameraProblem`] as the error's message. */
export async function openCamera(id: string | undefined): Promise<Camera> {
  // Outside of a secure context there is nothing of the kind.
  const media = navigator.mediaDevices as MediaDevices | undefined;
  if (!media?.getUserMedia) throw new Error("missing");
  const wanted = id ? { deviceId: { exact: id } } : { facingMode: { ideal: "environment" } };
  const video = { ...wanted, width: { ideal: 1_280 }, height: { ideal: 720 } };
  let stream: MediaStream;
  try {
    stream = await media.getUserMedia({ video, audio: false });
  } catch (error) {
    throw new Error(problemOf(error));
  }
  const all = (await media.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
  return { stream, all, id: stream.getVideoTracks()[0]?.getSettings().deviceId };
}

function problemOf(error: unknown): CameraProblem {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "missing";
}

export function closeCamera({ stream }: Camera): void {
  for (const track of stream.getTracks()) track.stop();
}
