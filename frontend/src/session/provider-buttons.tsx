// The ways in by an account elsewhere.

import { BusyButton } from "../kit/busy-button";
import { t } from "../texts/texts";
import { PROVIDERS, type Provider } from "./provider-logins";

export function ProviderButtons({ onTap }: { onTap: (provider: Provider) => Promise<unknown> }) {
  return (
    <div id="logins" class="logins">
      <p class="divider">
        <span>{t("login.or")}</span>
      </p>
      {(Object.keys(PROVIDERS) as Provider[]).map((provider) => (
        <BusyButton key={provider} data-login={provider} class="button quiet large" onTap={() => onTap(provider)}>
          {t(`login.${provider}`)}
        </BusyButton>
      ))}
    </div>
  );
}
