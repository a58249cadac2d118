// Beginning a group: its name, and who is in.
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { core, go, peopleFailure } from "../state";
import { ofSeveral, useChips } from "./chips";
import { Field, Form } from "./parts";
import { PeopleInput } from "./people-input";

const NOBODY: ReadonlySet<string> = new Set();

export function NewGroup({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const chips = useChips(NOBODY);
  const create = async () => {
    const conversation = await ofSeveral(core.createGroup(name, await chips.ids()));
    onClose();
    go({ screen: "chats", conversation });
  };
  return (
    <Form submit={t("groupCreate")} onSubmit={create} errorText={peopleFailure}>
      <Field
        label={t("groupName")}
        value={name}
        onValue={setName}
        autocomplete="off"
        maxLength={64}
        autocapitalize="sentences"
      />
      <PeopleInput of={chips} />
    </Form>
  );
}
