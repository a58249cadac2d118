// A screen that fails takes nothing else with it.
import { Component, type ComponentChildren } from "preact";
import { t } from "../i18n";
import { go } from "../state";

export class Boundary extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };

  static override getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    const back = () => {
      go({ screen: "chats" });
      this.setState({ failed: false });
    };
    return (
      <main class="card">
        <h1>{t("app")}</h1>
        <p role="alert">{t("screenBroken")}</p>
        <button type="button" class="primary" onClick={back}>
          {t("toChats")}
        </button>
        <button type="button" class="link" onClick={() => location.reload()}>
          {t("reload")}
        </button>
      </main>
    );
  }
}
