// In the local cloud no mail goes out: where it is read there.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { hasLocalCloud } from "../lib/local-cloud";
import { t } from "../texts/texts";

export function Mailbox() {
  const isLocal = useSignal(false);
  useEffect(() => void hasLocalCloud().then((found) => (isLocal.value = found)), []);
  return (
    <div id="mailbox" class="tip" hidden={!isLocal.value}>
      <p>{t("code.mailbox_text")}</p>
      <a href="/_local/" target="_blank" rel="noopener">
        {t("code.mailbox")}
      </a>
    </div>
  );
}
