// The camera looks for a code, and a picture of one does as well.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { type Camera, type CameraProblem, closeCamera, openCamera } from "../scan/camera";
import { CodeReader } from "../scan/reader";

const FRAME_EVERY_MS = 120;
const FRAME_MS = 80;
const PICTURE_MS = 2_000;

interface ScannerProps {
  /** Takes a code; gives words for the person if it is not the one that is wanted, and looks on. */
  onCode: (code: Uint8Array<ArrayBuffer>) => Promise<string | undefined> | string | undefined;
  hint: string;
}

const PROBLEMS = { denied: "scanDenied", missing: "scanMissing", busy: "scanBusy" } as const;

export function Scanner({ onCode, hint }: ScannerProps) {
  const [reader, setReader] = useState<CodeReader | undefined>();
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    const made = new CodeReader();
    setReader(made);
    return () => made.close();
  }, []);
  const take = async (code: Uint8Array<ArrayBuffer>) => {
    const words = await onCode(code);
    setWrong(words ?? "");
    return words === undefined;
  };
  return (
    <div class="scanner">
      <p>{hint}</p>
      {reader && <Viewfinder reader={reader} onCode={take} />}
      <p class="wrong" role="alert">
        {wrong}
      </p>
      {reader && <PictureOfCode reader={reader} onCode={take} onNone={() => setWrong(t("scanNoCode"))} />}
    </div>
  );
}

interface PartProps {
  reader: CodeReader;
  /** Gives whether that was the one. */
  onCode: (code: Uint8Array<ArrayBuffer>) => Promise<boolean>;
}

function Viewfinder({ reader, onCode }: PartProps) {
  const [chosen, setChosen] = useState<string | undefined>();
  const [attempt, setAttempt] = useState(0);
  const [camera, setCamera] = useState<Camera | undefined>();
  const [all, setAll] = useState<MediaDeviceInfo[]>([]);
  const [problem, setProblem] = useState<CameraProblem | undefined>();
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    let gone = false;
    let opened: Camera | undefined;
    setProblem(undefined);
    openCamera(chosen).then(
      (found) => {
        opened = found;
        if (gone) return closeCamera(found);
        setCamera(found);
        setAll(found.all);
      },
      (error: Error) => gone || setProblem(error.message as CameraProblem),
    );
    return () => {
      gone = true;
      if (opened) closeCamera(opened);
      setCamera(undefined);
    };
  }, [chosen, attempt]);
  useEffect(() => {
    const screen = video.current;
    if (!camera || !screen) return;
    screen.srcObject = camera.stream;
    void screen.play().catch(() => undefined);
    return look(screen, reader, onCode);
  }, [camera]);
  if (problem) {
    return (
      <div class="viewfinder off">
        <p>{t(PROBLEMS[problem])}</p>
        <button type="button" onClick={() => setAttempt(attempt + 1)}>
          {t("scanAgain")}
        </button>
      </div>
    );
  }
  return (
    <>
      <div class={`viewfinder ${camera ? "" : "skeleton"}`}>
        <video ref={video} muted playsInline aria-label={t("scanLooking")} />
      </div>
      <p class="hint" role="status">
        {camera ? t("scanLooking") : t("scanStarting")}
      </p>
      {all.length > 1 && <Choice all={all} now={chosen ?? camera?.id} onChoose={setChosen} />}
    </>
  );
}

interface ChoiceProps {
  all: MediaDeviceInfo[];
  now: string | undefined;
  onChoose: (id: string) => void;
}

function Choice({ all, now, onChoose }: ChoiceProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t("scanCamera")}</label>
      <select id={id} value={now} onChange={(event) => onChoose(event.currentTarget.value)}>
        {all.map((one, at) => (
          <option key={one.deviceId} value={one.deviceId}>
            {one.label || t("scanCameraNumber", { number: at + 1 })}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Looks at frame after frame, one at a time, until the code was found or nobody looks any more. */
function look(video: HTMLVideoElement, reader: CodeReader, onCode: PartProps["onCode"]): () => void {
  let timer: ReturnType<typeof setTimeout>;
  let over = false;
  const next = () => {
    timer = setTimeout(() => void frame(), FRAME_EVERY_MS);
  };
  const frame = async () => {
    // Not there before the first frame is.
    const bitmap = video.readyState < 2 ? undefined : await createImageBitmap(video).catch(() => undefined);
    const code = bitmap && (await reader.read(bitmap, FRAME_MS));
    if (over) return;
    if (code && (await onCode(code))) return;
    if (!over) next();
  };
  next();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

function PictureOfCode({ reader, onCode, onNone }: PartProps & { onNone: () => void }) {
  const take = async (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    input.value = "";
    const bitmap = file && (await createImageBitmap(file).catch(() => undefined));
    const code = bitmap && (await reader.read(bitmap, PICTURE_MS));
    if (code) await onCode(code);
    else if (file) onNone();
  };
  return (
    <label class="file">
      <input type="file" accept="image/*" class="sr" onChange={(event) => void take(event.currentTarget)} />
      <span>{t("scanPicture")}</span>
    </label>
  );
}
