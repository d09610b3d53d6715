// The photos of a listing being written: each on its way, made, or refused.

import { type Signal, computed, signal } from "@preact/signals";

import { errorText } from "../kit/texts";
import { type Progress, UnusablePhoto, uploadPhoto } from "../media/upload";
import { draft, write } from "./draft";

/** As in the API. */
export const MOST_PHOTOS = 5;

export type PhotoState =
  | { kind: "on_its_way"; progress: Progress }
  | { kind: "made"; id: string; address: string }
  /** It cannot be used, or trying again may help. */
  | { kind: "failed"; why: string; canRetry: boolean };

export interface Photo {
  key: number;
  /** Where it is seen, by this browser. */
  address: string;
  file: File | null;
  state: Signal<PhotoState>;
}

let nextKey = 0;

function photo(file: File | null, address: string, state: PhotoState): Photo {
  return { key: nextKey++, file, address, state: signal(state) };
}

/** In the order of the listing, the cover first. */
export const photos = signal<Photo[]>(draft.value.photos.map(({ id, address }) => photo(null, address, { kind: "made", id, address })));

/** Whether all are made; "busy" while one is on its way, "failed" when one did not make it. */
export const photosState = computed(() => {
  const kinds = photos.value.map((each) => each.state.value.kind);
  if (kinds.includes("failed")) return "failed";
  return kinds.includes("on_its_way") ? "busy" : "ready";
});

/** The ids of those that are made, the cover first. */
export function photoIds(): string[] {
  return photos.value.flatMap(({ state }) => (state.value.kind === "made" ? [state.value.id] : []));
}

function keep(): void {
  write({ photos: photos.value.flatMap(({ state }) => (state.value.kind === "made" ? [{ id: state.value.id, address: state.value.address }] : [])) });
}

/** Adds as many as there is room for. Gives whether that is all of them. */
export function addPhotos(files: File[]): boolean {
  const room = MOST_PHOTOS - photos.value.length;
  const added = files.slice(0, room).map((file) => photo(file, URL.createObjectURL(file), { kind: "on_its_way", progress: { state: "preparing" } }));
  photos.value = [...photos.value, ...added];
  for (const each of added) void upload(each);
  return files.length <= room;
}

export async function upload({ file, state }: Photo): Promise<void> {
  if (file === null) return;
  state.value = { kind: "on_its_way", progress: { state: "preparing" } };
  try {
    const media = await uploadPhoto(file, "listing", (progress) => (state.value = { kind: "on_its_way", progress }));
    state.value = { kind: "made", id: media.id, address: media.pictures[0]?.url ?? media.picture_url };
    keep();
  } catch (error) {
    state.value = { kind: "failed", why: errorText(error), canRetry: !(error instanceof UnusablePhoto) };
  }
}

export function removePhoto(removed: Photo): void {
  photos.value = photos.value.filter((each) => each !== removed);
  if (removed.file) URL.revokeObjectURL(removed.address);
  keep();
}

/** Puts a photo at a place in the order; 0 is the cover. */
export function movePhoto(moved: Photo, to: number): void {
  const others = photos.value.filter((each) => each !== moved);
  photos.value = [...others.slice(0, to), moved, ...others.slice(to)];
  keep();
}
