// The list of photos: picking, progress, order, removal. A mouse drags them; buttons do the same for everybody.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import { Group } from "../kit/form";
import { NoPicture } from "../kit/picture";
import { progressText } from "../media/upload";
import { t } from "../texts/texts";
import { type Photo, type PhotoState, addPhotos, movePhoto, photos, removePhoto, upload } from "./photos";

function stateText(state: PhotoState): string {
  if (state.kind === "failed") return state.why;
  return state.kind === "made" ? t("photo.ready") : progressText(state.progress);
}

interface RowProps {
  photo: Photo;
  place: number;
  onDrag: (photo: Photo | null) => void;
  onDrop: (place: number) => void;
  onRemove: () => void;
}

function PhotoRow({ photo, place, onDrag, onDrop, onRemove }: RowProps) {
  const isLost = useSignal(false);
  const state = photo.state.value;
  const number = t("sell.photo_n", { number: place + 1 });
  const share = state.kind === "on_its_way" && state.progress.state === "uploading" ? state.progress.share : state.kind === "on_its_way" && state.progress.state === "preparing" ? 0 : 1;
  const button = (text: string, act: () => void) => (
    <button class="button quiet" type="button" aria-label={`${number}: ${text}`} onClick={act}>
      {text}
    </button>
  );
  return (
    <li
      class="photo"
      draggable
      onDragStart={() => onDrag(photo)}
      onDragEnd={() => onDrag(null)}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        onDrop(place);
      }}
    >
      {isLost.value ? <NoPicture title="·" /> : <img src={photo.address} alt="" width={72} height={72} draggable={false} onError={() => (isLost.value = true)} />}
      <div class="photo-facts">
        <strong>{place === 0 ? `${number} · ${t("sell.photo_cover")}` : number}</strong>
        <span role="status" class={state.kind === "failed" ? "is-bad" : undefined}>
          {stateText(state)}
        </span>
        <progress max={1} value={share} aria-hidden="true" hidden={state.kind !== "on_its_way"} />
        <div class="actions">
          {state.kind === "failed" && state.canRetry && button(t("retry"), () => void upload(photo))}
          {place > 0 && state.kind !== "failed" && button(t("sell.photo_make_cover"), () => movePhoto(photo, 0))}
          {place > 1 && button(t("sell.photo_earlier"), () => movePhoto(photo, place - 1))}
          {button(t("sell.photo_remove"), onRemove)}
        </div>
      </div>
    </li>
  );
}

export function PhotosPart() {
  const input = useRef<HTMLInputElement>(null);
  const dragged = useRef<Photo | null>(null);
  const message = useSignal("");
  const pick = (files: FileList | null) => {
    const isAll = addPhotos([...(files ?? [])]);
    message.value = isAll ? "" : t("sell.photo_too_many");
    if (input.current) input.current.value = "";
  };
  const remove = (photo: Photo) => {
    removePhoto(photo);
    message.value = "";
    input.current?.focus();
  };
  return (
    <Group name="pictures" legend="sell.photos">
      <p class="hint" id="photos-hint">
        {t("sell.photos_hint")}
      </p>
      <ul id="photos" class="photos">
        {photos.value.map((photo, place) => (
          <PhotoRow
            key={photo.key}
            photo={photo}
            place={place}
            onDrag={(now) => (dragged.current = now)}
            onDrop={(at) => dragged.current && movePhoto(dragged.current, at)}
            onRemove={() => remove(photo)}
          />
        ))}
      </ul>
      <p id="photos-message" class="field-error" role="alert" hidden={message.value === ""}>
        {message}
      </p>
      <label class="button quiet file-button">
        <span>{t("sell.add_photos")}</span>
        <input
          id="files"
          type="file"
          accept="image/jpeg,image/png,image/webp"
          multiple
          aria-describedby="photos-hint"
          ref={input}
          onChange={(event) => pick(event.currentTarget.files)}
        />
      </label>
    </Group>
  );
}
