// Pictures that keep their place while they load.

interface Props {
  src: string;
  alt?: string;
  /** Width and height in CSS pixels, for the room that it takes. */
  size: number;
  /** Whether it is seen without scrolling. */
  eager?: boolean;
  srcset?: string;
  sizes?: string;
}

export function Picture({ src, alt = "", size, eager = false, srcset, sizes }: Props) {
  return (
    <img src={src} srcset={srcset} sizes={sizes} alt={alt} width={size} height={size} loading={eager ? "eager" : "lazy"} decoding="async" />
  );
}

/** The stand-in for a missing picture: a cloth with the first letter. */
export function NoPicture({ title }: { title: string }) {
  return (
    <span class="no-picture" aria-hidden="true">
      {[...title.trim()][0] ?? "·"}
    </span>
  );
}
